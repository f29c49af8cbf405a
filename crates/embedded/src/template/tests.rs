//! Templates render as their models expect.

use super::Template;
use crate::tests::turn;

#[test]
fn block_tags_leave_no_blank_lines_and_strings_have_python_methods() {
    let source = "{% for m in messages %}\n    {% if m.content.startswith('a') %}\n[{{ m.role }}] \
                  {{ m.content.strip() }}\n    {% endif %}\n{% endfor %}\n\
                  {%- if add_generation_prompt %}>{% endif %}";
    let template = Template::new(Some(source), "", "").unwrap();
    let turns = [
        turn("user", "abc  "),
        turn("user", "bcd"),
        turn("assistant", "a"),
    ];
    assert_eq!(
        template.render(&turns).unwrap(),
        "[user] abc\n[assistant] a\n>"
    );
}

#[test]
fn a_file_without_a_template_gets_the_common_one() {
    let template = Template::new(None, "", "").unwrap();
    let rendered = template
        .render(&[turn("system", "s"), turn("user", "u")])
        .unwrap();
    let expected = "<|im_start|>system\ns<|im_end|>\n<|im_start|>user\nu<|im_end|>\n\
                    <|im_start|>assistant\n";
    assert_eq!(rendered, expected);
}

#[test]
fn a_template_may_refuse_and_a_broken_one_is_no_template() {
    let template = Template::new(Some("{{ raise_exception('no system turn') }}"), "", "").unwrap();
    assert!(
        template
            .render(&[])
            .unwrap_err()
            .to_string()
            .contains("no system turn")
    );
    assert!(Template::new(Some("{% for %}"), "", "").is_err());
}
