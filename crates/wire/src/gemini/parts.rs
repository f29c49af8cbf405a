//! Parts of a content, read: requests and answers have the same. It must not know whose turn they
//! stand in, nor give a call its id.

use crate::canonical::{Part, Source};
use crate::fault::{BadRequest, Loss};
use crate::gemini::names::Names;
use crate::gemini::seal;
use crate::json::fields::Value;
use crate::sealed::{CHANGED, Sealed, Seals};

/// Holds one part and what stands beside it.
#[derive(Debug)]
pub(super) struct Read<'a> {
    pub(super) kind: Kind<'a>,
    /// The signature beside it.
    pub(super) signature: Option<(Sealed, Option<Seals>)>,
}

/// Holds what a part is.
#[derive(Debug)]
pub(super) enum Kind<'a> {
    /// Text.
    Text(String),
    /// Thoughts.
    Thought(String),
    /// A call of a function, with its fields.
    Call(Names<'a>),
    /// A function's answer, with its fields.
    Result(Names<'a>),
    /// A picture, document or recording.
    Media(Part),
    /// Something of the provider's own, by its name.
    Foreign(String),
}

/// Names the parts by which a provider's own tools show what they did.
const HOSTED: [&str; 5] = [
    "executableCode",
    "codeExecutionResult",
    "toolCall",
    "toolResponse",
    "audioTranscription",
];

/// Reads a part.
pub(super) fn read<'a>(part: &Value<'a>, losses: &mut Vec<Loss>) -> Result<Read<'a>, BadRequest> {
    let mut names = Names::of(part)?;
    let sealed = names.string("thoughtSignature")?;
    let says = |sealed: &String| !seal::is_placeholder(sealed);
    let is_sealed = sealed.as_ref().is_some_and(says);
    let signature = sealed.and_then(seal::read);
    if is_sealed && signature.is_none() {
        losses.push(Loss::new(names.path_of("thoughtSignature"), CHANGED));
    }
    let is_thought = names.bool("thought")? == Some(true);
    let kind = if let Some(text) = names.string("text")? {
        if is_thought {
            Kind::Thought(text)
        } else {
            Kind::Text(text)
        }
    } else if let Some(call) = names.names("functionCall")? {
        Kind::Call(call)
    } else if let Some(result) = names.names("functionResponse")? {
        Kind::Result(result)
    } else if let Some(media) = media(&mut names, losses)? {
        Kind::Media(media)
    } else {
        let found = HOSTED.iter().find(|name| names.take(name).is_some());
        match (found, &signature) {
            (Some(name), _) => Kind::Foreign((*name).to_owned()),
            (None, Some(_)) => Kind::Text(String::new()),
            (None, None) => return Err(part.fault("holds no text, call, answer or data")),
        }
    };
    names.rest(losses);
    Ok(Read { kind, signature })
}

/// Reads a picture, document or recording, in the body or at an address.
pub(super) fn media(
    names: &mut Names<'_>,
    losses: &mut Vec<Loss>,
) -> Result<Option<Part>, BadRequest> {
    let (source, media_type, name, place) = if let Some(mut data) = names.names("inlineData")? {
        let media_type = data.must_string("mimeType")?;
        let source = Source::Inline {
            media_type: media_type.clone(),
            base64: data.must_string("data")?,
        };
        let name = data.string("displayName")?;
        let place = data.path_of("mimeType");
        data.rest(losses);
        (source, Some(media_type), name, place)
    } else if let Some(mut file) = names.names("fileData")? {
        let address = file.must("fileUri")?;
        let url = address.string()?.into_owned();
        if !is_public(&url) {
            return Err(address.fault(
                "a file that is stored with a provider is known to it alone; send it inline",
            ));
        }
        let name = file.string("displayName")?;
        let media_type = file.string("mimeType")?;
        let media_type = media_type.or_else(|| media_type_of(&url).map(str::to_owned));
        let place = file.path_of("mimeType");
        file.rest(losses);
        (Source::Url(url), media_type, name, place)
    } else {
        return Ok(None);
    };
    let class = media_type.as_deref().unwrap_or("application/");
    Ok(Some(match class.split('/').next() {
        Some("image") => Part::Image(source),
        Some("audio") => Part::Audio(source),
        Some("video") => {
            return Err(BadRequest::of(
                place,
                "a film cannot be carried to a model behind another API; leave it out",
            ));
        }
        _ => Part::Document { source, name },
    }))
}

fn is_public(url: &str) -> bool {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    is_web && !url.contains("generativelanguage.googleapis.com/")
}

/// Guesses what is at an address by the end of its path.
pub(super) fn media_type_of(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next()?;
    let (_, ending) = path.rsplit_once('.')?;
    let known = [
        ("png", "image/png"),
        ("jpg", "image/jpeg"),
        ("jpeg", "image/jpeg"),
        ("webp", "image/webp"),
        ("gif", "image/gif"),
        ("heic", "image/heic"),
        ("pdf", "application/pdf"),
        ("txt", "text/plain"),
        ("md", "text/markdown"),
        ("html", "text/html"),
        ("csv", "text/csv"),
        ("json", "application/json"),
        ("wav", "audio/wav"),
        ("mp3", "audio/mp3"),
    ];
    let mut known = known.into_iter();
    known.find_map(|(name, kind)| ending.eq_ignore_ascii_case(name).then_some(kind))
}
