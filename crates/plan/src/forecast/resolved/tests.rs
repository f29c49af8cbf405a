//! Holds `resolved` to figures by hand and to its laws.

use super::{TableFault, join, read, read_events};

fn fault(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

#[test]
fn a_table_reads_by_the_names_of_its_columns() {
    let text = "outcome,p,id,source,given_on,event,by,weight\n\
                yes,0.25,7,house,2027-01-02,new model,2027-04-30,12\n\
                0,1,8,house,,,,\n";
    let rows = read(text).unwrap();
    assert_eq!(
        (rows[0].line, rows[0].probability, rows[0].came),
        (2, 0.25, true)
    );
    let by = rows[0].by.as_ref().unwrap();
    assert_eq!((by.event.as_str(), by.weight), ("new model", 12.0));
    assert_eq!(
        (rows[1].given_on, rows[1].by.as_ref(), rows[1].came),
        (None, None, false)
    );
}

#[test]
fn what_does_not_read_names_its_line_and_what_would() {
    for (text, expected) in [
        (
            "p\n0.5\n",
            "line 1: there is no column `outcome`; the first line names the columns",
        ),
        (
            "p,outcome\n",
            "line 2: there is no row under the names of the columns",
        ),
        (
            "p,outcome\n0.5,1\n1.5,1\n",
            "line 3: `1.5` in column `p` is not a probability from 0 to 1",
        ),
        (
            "p,outcome\nNaN,1\n",
            "line 2: `NaN` in column `p` is not a probability from 0 to 1",
        ),
        (
            "p,outcome\n0.5,maybe\n",
            "line 2: `maybe` in column `outcome` is not 1 or 0, for what came and what did not",
        ),
        (
            "p,outcome,given_on\n0.5,1,tomorrow\n",
            "line 2: `tomorrow` in column `given_on` is not a day such as 2027-03-01",
        ),
        (
            "p,outcome,given_on,resolved_on\n0.5,1,2027-03-02,2027-03-01\n",
            "line 2: it was resolved on 2027-03-01, before it was given on 2027-03-02",
        ),
        (
            "id,p,outcome\na,0.5,1\nb,0.5,1\na,0.6,0\n",
            "lines 2 and 4: question `a` came in one and did not in the other",
        ),
        (
            "id,p,outcome,given_on\na,0.5,1,2027-03-01\na,0.6,1,2027-03-01\n",
            "lines 2 and 3: question `a` stands twice on 2027-03-01; keep one row",
        ),
        (
            "p,outcome\n0.5\n",
            "line 2: it is no CSV table; each row needs as many cells as the first line; this one \
             has 1 of 2",
        ),
        (
            "p,outcome,event,by,weight\n0.5,1,it,2027-03-01,0\n",
            "line 2: `0` in column `weight` is not a number above 0",
        ),
    ] {
        assert_eq!(fault(text), expected);
    }
}

#[test]
fn events_join_by_source_and_question_or_by_question_alone() {
    let mut rows = read("source,id,p,outcome\na,1,0.5,1\nb,1,0.5,1\na,2,0.5,1\n").unwrap();
    let events = "source,id,event,by\na,1,it,2027-03-01\n,2,that,2027-03-01\n";
    let joined = join(&mut rows, &read_events(events).unwrap());
    assert_eq!(joined, 2);
    assert!(rows[0].by.is_some() && rows[1].by.is_none() && rows[2].by.is_some());
    assert!(matches!(
        read_events("id,event\n1,it\n"),
        Err(TableFault::Column("`by`"))
    ));
}
