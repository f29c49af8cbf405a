//! Remembers which model a conversation is on, and since when: a bounded table without a lock,
//! where a new conversation may take an old one's place. It must not keep a word of any.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::ModelTag;

/// How many conversations are remembered at most: half a megabyte.
const SLOTS: usize = 1 << 16;
/// The bits of a slot that tell the conversation from others of that slot, beside the 16 that
/// chose the slot.
const CHECK_BITS: u32 = 24;
const SINCE_BITS: u32 = 16;

/// Says which model a conversation is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bond {
    /// The model.
    pub model: ModelTag,
    /// The number of messages that others had before it; 0 where it began the conversation.
    pub since: u32,
}

/// Holds the bonds of the latest conversations. What it forgets costs no answer: the conversation
/// counts as one that is not known, and a model that refuses its thoughts is asked without them.
#[derive(Debug)]
pub struct Bonds {
    slots: Box<[AtomicU64]>,
}

impl Bonds {
    /// Starts with none.
    #[must_use]
    pub fn new() -> Self {
        Self {
            slots: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Finds what is known of a conversation.
    #[must_use]
    pub fn of(&self, conversation: u64) -> Option<Bond> {
        let (slot, check) = self.place(conversation)?;
        let bits = slot.load(Ordering::Relaxed);
        let is_it = bits != 0 && bits >> (SINCE_BITS + ModelTag::BITS) == check;
        is_it.then(|| Bond {
            model: ModelTag::of_bits(part(bits, SINCE_BITS, ModelTag::BITS)),
            since: part(bits, 0, SINCE_BITS),
        })
    }

    /// Remembers a bond.
    pub fn bind(&self, conversation: u64, bond: Bond) {
        let Some((slot, check)) = self.place(conversation) else {
            return;
        };
        let since = u64::from(bond.since.min((1 << SINCE_BITS) - 1));
        let model = u64::from(bond.model.bits()) << SINCE_BITS;
        let bits = check << (SINCE_BITS + ModelTag::BITS) | model | since;
        // Most conversations stay where they are; a look spares the other cores the write.
        if slot.load(Ordering::Relaxed) != bits {
            slot.store(bits, Ordering::Relaxed);
        }
    }

    fn place(&self, conversation: u64) -> Option<(&AtomicU64, u64)> {
        let at = usize::try_from(conversation).unwrap_or_default() % SLOTS;
        let check = (conversation >> 16) & ((1 << CHECK_BITS) - 1);
        self.slots.get(at).map(|slot| (slot, check))
    }
}

impl Default for Bonds {
    fn default() -> Self {
        Self::new()
    }
}

fn part(bits: u64, above: u32, width: u32) -> u32 {
    u32::try_from((bits >> above) & ((1 << width) - 1)).unwrap_or_default()
}

/// Says which messages hold thoughts that a model must not be sent: all those below a number.
/// Nothing is cut from a conversation that is not known.
#[must_use]
pub fn foreign_below(bond: Option<Bond>, model: ModelTag) -> u32 {
    match bond {
        None => 0,
        Some(bond) if bond.model == model => bond.since,
        Some(_) => u32::MAX,
    }
}

/// Says where a conversation is once a model has answered a request of so many messages, of which
/// those below `cut` went without their thoughts.
#[must_use]
pub fn bond_after(bond: Option<Bond>, model: ModelTag, messages: u32, cut: u32) -> Bond {
    let since = match bond {
        Some(bond) if bond.model == model && cut <= bond.since => bond.since,
        None if cut == 0 => 0,
        _ => messages,
    };
    Bond { model, since }
}

#[cfg(test)]
mod tests {
    use domain::ModelTag;

    use super::{Bond, Bonds, bond_after, foreign_below};

    fn bond(model: u32, since: u32) -> Bond {
        Bond {
            model: ModelTag::of_bits(model),
            since,
        }
    }

    #[test]
    fn a_conversation_is_found_again_and_no_other() {
        let bonds = Bonds::new();
        let conversation = 0x0123_4567_89ab_cdef;
        assert_eq!(bonds.of(conversation), None);
        bonds.bind(conversation, bond(7, 3));
        assert_eq!(bonds.of(conversation), Some(bond(7, 3)));
        assert_eq!(bonds.of(conversation ^ (1 << 20)), None);
        assert_eq!(bonds.of(conversation ^ 1), None);
        bonds.bind(conversation, bond((1 << 24) - 1, u32::MAX));
        assert_eq!(
            bonds.of(conversation),
            Some(bond((1 << 24) - 1, (1 << 16) - 1))
        );
        // Another conversation of the same place takes it.
        bonds.bind(conversation ^ (1 << 20), bond(9, 0));
        assert_eq!(bonds.of(conversation), None);
    }

    #[test]
    fn what_a_model_is_not_sent_is_what_others_thought() {
        let own = ModelTag::of_bits(1);
        assert_eq!(foreign_below(None, own), 0);
        assert_eq!(foreign_below(Some(bond(1, 0)), own), 0);
        assert_eq!(foreign_below(Some(bond(1, 4)), own), 4);
        assert_eq!(foreign_below(Some(bond(2, 4)), own), u32::MAX);
    }

    #[test]
    fn a_crossing_counts_from_the_message_at_which_it_came() {
        let own = ModelTag::of_bits(1);
        for (before, cut, wanted) in [
            (None, 0, 0),
            (None, u32::MAX, 5),
            (Some(bond(1, 0)), 0, 0),
            (Some(bond(1, 3)), 3, 3),
            (Some(bond(1, 3)), u32::MAX, 5),
            (Some(bond(2, 0)), u32::MAX, 5),
            // Without a thought in it nothing was cut, and what follows is this model's.
            (Some(bond(2, 0)), 0, 5),
        ] {
            let after = bond_after(before, own, 5, cut);
            assert_eq!(after, bond(1, wanted), "{before:?} {cut}");
        }
    }
}
