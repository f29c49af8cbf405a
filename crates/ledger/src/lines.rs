//! The lines in front of a checkpoint, as receipts and witnesses' requests have them: some of
//! their own, a proof, an empty line. It must not know what is proven.

use crate::hash::Hash;

/// Walks lines that end in a newline; what follows the walked ones is the rest.
pub(crate) struct Lines<'a> {
    rest: &'a [u8],
    asked: usize,
}

impl<'a> Lines<'a> {
    pub fn of(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            asked: 0,
        }
    }

    /// Counts the lines that were asked for.
    pub fn asked(&self) -> usize {
        self.asked
    }

    /// Takes the hashes of a proof and the empty line behind them; nothing where a line is
    /// neither, or there are more than `most` hashes.
    pub fn proof(&mut self, most: usize) -> Option<Vec<Hash>> {
        let mut proof = Vec::new();
        loop {
            match self.next() {
                Some("") => return Some(proof),
                Some(line) if proof.len() < most => proof.push(Hash::from_base64(line)?),
                _ => return None,
            }
        }
    }

    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

/// Writes a proof, an empty line and a checkpoint behind the first lines.
pub(crate) fn with_proof(mut first: String, proof: &[Hash], checkpoint: &[u8]) -> Vec<u8> {
    for hash in proof {
        first += &format!("{hash}\n");
    }
    first.push('\n');
    [first.as_bytes(), checkpoint].concat()
}

/// Takes the next line, without its newline; nothing where none ends or it is not UTF-8.
impl<'a> Iterator for Lines<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.asked += 1;
        let end = self.rest.iter().position(|byte| *byte == b'\n')?;
        let (line, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest.split_first()?.1;
        std::str::from_utf8(line).ok()
    }
}

/// Reads a decimal as these formats write it: no sign and no leading zeros.
pub(crate) fn read_decimal(text: &str) -> Option<u64> {
    text.parse()
        .ok()
        .filter(|number: &u64| number.to_string() == text)
}
