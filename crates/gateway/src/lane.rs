//! What a streamed answer passes through: unedited under a watch, or by way of the canonical form
//! into another dialect. It must not know where pieces come from or go to.

use bytes::{Bytes, BytesMut};
use wire::{
    Close, DecodeEvents, Dialect, EncodeEvents, Ending, Event, Frame, Framer, Loss, Observed, Pass,
    Stop, Tap, ToolNames, Usage, UsageChunk, WireError,
};

use crate::config::Translation;
use crate::error::Class;

/// The most lost fields of one stream that are noted.
const MAX_LOSSES: usize = 32;

/// Carries one stream.
pub struct Lane {
    framer: Framer,
    way: Way,
    // Bytes after an error are not passed on: a terminator behind it would call it a success.
    has_failed: bool,
}

enum Way {
    Same(Box<dyn Tap>),
    Other(Box<Crossing>),
}

struct Crossing {
    read: Box<dyn DecodeEvents>,
    write: Box<dyn EncodeEvents>,
    tool_names: ToolNames,
    translation: Translation,
    lossy: Vec<String>,
    events: Vec<Event>,
    usage: Option<Usage>,
    stop: Option<Stop>,
    has_output: bool,
    has_ended: bool,
    error: Option<WireError>,
}

/// Gathers what goes to the client. The first piece is kept as it is; only what joins it before
/// it is sent is copied.
#[derive(Debug, Default)]
pub struct Out {
    first: Bytes,
    joined: BytesMut,
}

impl Out {
    /// Adds bytes.
    pub fn push(&mut self, bytes: Bytes) {
        if self.is_empty() {
            self.first = bytes;
        } else {
            self.extend(&bytes);
        }
    }

    /// Adds a copy of bytes.
    pub fn extend(&mut self, bytes: &[u8]) {
        if !self.first.is_empty() {
            self.joined
                .extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.joined.extend_from_slice(bytes);
    }

    /// Shows everything, in order.
    #[must_use]
    pub fn pieces(&self) -> [&[u8]; 2] {
        [&self.first, &self.joined]
    }

    /// Takes everything.
    pub fn take(&mut self) -> Bytes {
        if self.joined.is_empty() {
            std::mem::take(&mut self.first)
        } else {
            self.joined.split().freeze()
        }
    }

    /// Counts the bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.first.len() + self.joined.len()
    }

    /// Tells whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Lane {
    /// Makes a lane whose bytes pass unedited.
    #[must_use]
    pub fn same(dialect: &dyn Dialect, usage: UsageChunk) -> Self {
        Self::over(Way::Same(dialect.tap(usage)))
    }

    /// Makes a lane from one dialect into another, for an answer to a body of the other.
    #[must_use]
    pub fn other(
        (from, into): (&dyn Dialect, &dyn Dialect),
        (asked, usage): (&[u8], UsageChunk),
        tool_names: ToolNames,
        translation: Translation,
    ) -> Self {
        Self::over(Way::Other(Box::new(Crossing {
            read: from.events(),
            write: into.writer_to(asked, usage),
            tool_names,
            translation,
            lossy: Vec::new(),
            events: Vec::new(),
            usage: None,
            stop: None,
            has_output: false,
            has_ended: false,
            error: None,
        })))
    }

    fn over(way: Way) -> Self {
        Self {
            framer: Framer::new(),
            way,
            has_failed: false,
        }
    }

    /// Takes bytes as they came, and adds what of them goes on.
    ///
    /// # Errors
    /// Says what is wrong with them; nothing can follow.
    pub fn take(&mut self, piece: Bytes, out: &mut Out) -> Result<(), WireError> {
        if self.has_failed {
            return Ok(());
        }
        self.framer.push(piece);
        loop {
            match self.framer.next_frame() {
                Ok(Some(frame)) => self.pass(frame, out)?,
                Ok(None) => return Ok(()),
                Err(oversized) => return Err(unreadable(&oversized.to_string())),
            }
            if self.has_failed {
                return Ok(());
            }
        }
    }

    fn pass(&mut self, frame: Frame, out: &mut Out) -> Result<(), WireError> {
        match &mut self.way {
            Way::Same(tap) => {
                if !is_plausible(frame.payload()) {
                    return Err(unreadable("the provider sent an event that cannot be read"));
                }
                let pass = tap.see(&frame);
                self.has_failed = tap.observed().error.is_some();
                if pass == Pass::Forward {
                    out.push(frame.into_raw());
                }
            }
            Way::Other(crossing) => {
                let read = crossing.read.read(&frame, &mut crossing.events);
                read.map_err(|fault| unreadable(&fault.to_string()))?;
                crossing.write(out);
                self.has_failed = crossing.error.is_some();
            }
        }
        Ok(())
    }

    /// Ends the lane and says how. What is owed for an ending other than a complete one is not
    /// added: that is the caller's error to write.
    pub fn end(&mut self, close: Close, out: &mut Out) -> Ending {
        // A half event of a stream that was cut is no event.
        if close == Close::Clean
            && !self.has_failed
            && let Some(frame) = self.framer.finish()
        {
            if let Err(error) = self.pass(frame, out) {
                return Ending::Failed(error);
            }
            if matches!(self.way, Way::Same(_)) && !out.is_empty() {
                // Its blank line is missing, and an event after it would run into it.
                out.extend(b"\n\n");
            }
        }
        match &mut self.way {
            Way::Same(tap) => tap.ending(close),
            Way::Other(crossing) => {
                if let Some(error) = crossing.error.clone() {
                    return Ending::Failed(error);
                }
                let ending = crossing.read.close(close, &mut crossing.events);
                crossing.write(out);
                ending
            }
        }
    }

    /// Tells whether anything of the answer itself has passed.
    #[must_use]
    pub fn has_output(&self) -> bool {
        match &self.way {
            Way::Same(tap) => tap.observed().visible_output,
            Way::Other(crossing) => crossing.has_output,
        }
    }

    /// Tells whether the stream said that it is complete.
    #[must_use]
    pub fn is_terminated(&self) -> bool {
        match &self.way {
            Way::Same(tap) => tap.observed().terminated,
            Way::Other(crossing) => crossing.has_ended,
        }
    }

    /// Shows the error that the stream reported.
    #[must_use]
    pub fn error(&self) -> Option<&WireError> {
        match &self.way {
            Way::Same(tap) => tap.observed().error.as_ref(),
            Way::Other(crossing) => crossing.error.as_ref(),
        }
    }

    /// Tells whether a reported error has itself gone on to the client.
    #[must_use]
    pub fn passes_errors(&self) -> bool {
        matches!(self.way, Way::Same(_))
    }

    /// Shows what was used until now.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        match &self.way {
            Way::Same(tap) => tap.observed().usage,
            Way::Other(crossing) => crossing.usage,
        }
    }

    /// Shows why the answer ended.
    #[must_use]
    pub fn stop(&self) -> Option<&Stop> {
        match &self.way {
            Way::Same(tap) => tap.observed().stop.as_ref(),
            Way::Other(crossing) => crossing.stop.as_ref(),
        }
    }

    /// Lists the paths of what the translation lost of the answer until now.
    #[must_use]
    pub fn lossy(&self) -> &[String] {
        match &self.way {
            Way::Same(_) => &[],
            Way::Other(crossing) => &crossing.lossy,
        }
    }
}

impl Crossing {
    fn write(&mut self, out: &mut Out) {
        let mut written = Vec::new();
        for mut event in self.events.drain(..) {
            match &event {
                Event::Start { usage, .. } => self.usage = usage.or(self.usage),
                Event::Usage(usage) => self.usage = Some(*usage),
                Event::Stop(stop) => self.stop = Some(stop.clone()),
                Event::End => self.has_ended = true,
                Event::Error(error) => {
                    // Written by whoever ends the stream, with the decision's id in it.
                    self.error = Some(error.clone());
                    break;
                }
                _ => self.has_output = true,
            }
            self.tool_names.restore_event(&mut event);
            self.write.write(&event, &mut written);
        }
        self.note_losses();
        if !written.is_empty() {
            out.push(written.into());
        }
    }
}

impl Crossing {
    /// Notes what was lost; where nothing may be lost in silence, that ends the stream.
    fn note_losses(&mut self) {
        let mut losses = self.read.take_losses();
        losses.extend(self.write.take_losses());
        let Some(first) = losses.first() else { return };
        if self.translation == Translation::Strict && self.error.is_none() {
            let class = Class::AnswerUntranslatable;
            let what = format!("{}: {}", class.row().says, first.path);
            self.error = Some(told(class, &what));
        }
        // A reader forgets what was taken of it, so a loss comes again with every event.
        for Loss { path, .. } in losses {
            if self.lossy.len() < MAX_LOSSES && !self.lossy.contains(&path) {
                self.lossy.push(path);
            }
        }
    }
}

/// Tells whether an event of a stream that passes through may be one. The watch reads in full what
/// it needs; this looks at the ends of the rest, since a tree of each would cost more than all
/// else that is done with it.
fn is_plausible(payload: Option<&[u8]>) -> bool {
    let Some(payload) = payload.map(<[u8]>::trim_ascii) else {
        return true;
    };
    payload == b"[DONE]" || (payload.starts_with(b"{") && payload.ends_with(b"}"))
}

/// Makes the error of a provider's bytes that cannot be read.
#[must_use]
pub fn unreadable(what: &str) -> WireError {
    told(Class::ProviderGarbage, what)
}

/// Makes an error of one class for the middle of a stream, where nothing but it tells the remedy.
#[must_use]
pub fn told(class: Class, what: &str) -> WireError {
    let row = class.row();
    let mut error = WireError::new(row.status, row.kind, format!("{what}; {}", row.remedy));
    error.code = Some(row.code.to_owned());
    error
}

/// Tells whether an unstreamed answer that passed through is one at all.
#[must_use]
pub fn is_answer(observed: &Observed) -> bool {
    observed.stop.is_some() || observed.visible_output || observed.usage.is_some()
}
