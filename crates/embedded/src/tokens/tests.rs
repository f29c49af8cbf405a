//! Text is cut as each family cuts it, and comes back whole.

use super::Tokens;
use crate::header::Header;
use crate::tests::models;

fn tokens(architecture: &str) -> Tokens {
    let directory = tempfile::tempdir().unwrap();
    let (_, path) = models(directory.path(), "tiny", architecture);
    Tokens::of(&Header::open(&path).unwrap()).unwrap()
}

#[test]
fn text_comes_back_whole_and_without_a_space_in_front() {
    for architecture in ["llama", "qwen2"] {
        let tokens = tokens(architecture);
        for text in ["he said 42", " a", "naïve 东京 ✓\n\n", "tab\tend"] {
            let mut spell = tokens.speller();
            let spelled: String = tokens
                .encode(text)
                .unwrap()
                .into_iter()
                .filter_map(|token| spell(token).unwrap())
                .collect();
            assert_eq!(spelled, text, "{architecture}");
        }
    }
}

#[test]
fn merges_and_special_tokens_are_the_files_own() {
    let tokens = tokens("llama");
    let encoded = tokens.encode("<|im_start|>he a<|im_end|>").unwrap();
    assert_eq!(encoded, [1, 259, 260, 2]);
    assert!(tokens.is_end(2) && tokens.is_end(0) && !tokens.is_end(1));
}
