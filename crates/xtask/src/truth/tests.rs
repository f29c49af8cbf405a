//! Rows of labels.

use super::parse;

#[test]
fn rows_are_read_by_the_names_of_their_columns() {
    let text = "# about\nrepository,path,line,last_line,model,role,note\n\
                a/b,c.py,3,9,gpt-4o,catalogue,\"one, two\"\n";
    let labels = parse(text).expect("rows");
    let label = labels.first().expect("a row");
    assert_eq!((label.first, label.last, label.is_changed), (3, 9, None));
    assert_eq!((&*label.repository, &*label.role), ("a/b", "catalogue"));
    let text = "changed,repository,model,line,path,role\nyes,a/b,\"x,y\",3,c.py,default\n";
    let labels = parse(text).expect("rows");
    let label = labels.first().expect("a row");
    assert_eq!(
        (&*label.model, label.last, label.is_changed),
        ("x,y", 3, Some(true))
    );
}

#[test]
fn a_row_that_is_none_is_told_by_its_line() {
    assert_eq!(
        parse("repository,path,line,model,role\na,b,three,m,r\n"),
        Err(2)
    );
    assert_eq!(parse("repository,path,line,model\na,b,3,m\n"), Err(2));
}
