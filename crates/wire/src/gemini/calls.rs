//! The ids of calls, which this API leaves out: made from the conversation alone, so that the same
//! call has the same id in every request, and found again by order and name. It must not remember
//! anything beyond one request or answer.

use crate::tool_names::digest;

/// Follows the calls of a conversation.
#[derive(Debug, Default)]
pub(super) struct Calls {
    made: usize,
    /// Calls of the last turn that are not answered yet: id and name.
    open: Vec<(String, String)>,
}

impl Calls {
    /// Begins a turn of the model.
    pub(super) fn next_turn(&mut self) {
        self.open.clear();
    }

    /// Notes a call; gives its id, which is made where it has none.
    pub(super) fn made(&mut self, id: Option<String>, name: &str, arguments: &str) -> String {
        let id = id.unwrap_or_else(|| mint("", self.made, name, arguments));
        self.made += 1;
        self.open.push((id.clone(), name.to_owned()));
        id
    }

    /// Finds the call that is answered: by its id, else the first of that name.
    pub(super) fn answered(&mut self, id: Option<&str>, name: &str) -> Option<String> {
        let by_id = |(known, _): &(String, String)| Some(known.as_str()) == id;
        let by_name = |(_, known): &(String, String)| known == name;
        let place = self.open.iter().position(by_id);
        let place = place.or_else(|| self.open.iter().position(by_name))?;
        Some(self.open.remove(place).0)
    }
}

/// Makes an id of where a call stands and what it says.
pub(super) fn mint(reply: &str, index: usize, name: &str, arguments: &str) -> String {
    let what = format!("{reply}/{index}/{name}/{arguments}");
    format!("call_{:016x}", digest(what.as_bytes()))
}
