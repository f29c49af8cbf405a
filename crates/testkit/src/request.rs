//! Reads one HTTP/1.1 request from a buffer that a socket fills.
//!
//! It must not know a dialect or an answer.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

/// The largest request head that is read.
const HEAD_MAX: usize = 64 * 1024;
/// The largest request body that is read.
const BODY_MAX: usize = 128 << 20;

/// Holds one request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Request {
    /// Tells the first value of a header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        value_of(&self.headers, name)
    }
}

/// Tells the first value of a header, by its name in lower case.
pub(crate) fn value_of<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

/// Reads the next request; `None` when the peer closed between two of them.
pub(crate) async fn read_request<R>(
    reader: &mut R,
    buffer: &mut BytesMut,
) -> io::Result<Option<Request>>
where
    R: AsyncRead + Unpin,
{
    let end = loop {
        if let Some(end) = find(buffer, b"\r\n\r\n") {
            break end;
        }
        if buffer.len() > HEAD_MAX {
            return Err(invalid("request head over its limit"));
        }
        if reader.read_buf(buffer).await? == 0 {
            if buffer.is_empty() {
                return Ok(None);
            }
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let head = buffer.split_to(end);
    buffer.advance(4);
    let mut request = parse_head(&head)?;
    request.body = read_body(&request, reader, buffer).await?;
    Ok(Some(request))
}

fn parse_head(head: &[u8]) -> io::Result<Request> {
    let text = std::str::from_utf8(head).map_err(|_| invalid("request head is not UTF-8"))?;
    let mut lines = text.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let mut words = first.split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let path = words.next().unwrap_or_default().to_owned();
    let headers = lines.filter_map(parse_header).collect();
    Ok(Request {
        method,
        path,
        headers,
        body: Bytes::new(),
    })
}

/// Splits `Name: value`, with the name in lower case.
pub(crate) fn parse_header(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    Some((name.to_ascii_lowercase(), value.trim().to_owned()))
}

async fn read_body<R>(request: &Request, reader: &mut R, buffer: &mut BytesMut) -> io::Result<Bytes>
where
    R: AsyncRead + Unpin,
{
    if let Some(length) = request.header("content-length") {
        let length: usize = length
            .parse()
            .map_err(|_| invalid("content-length is no number"))?;
        return Ok(take(length, reader, buffer).await?.freeze());
    }
    if request.header("transfer-encoding").is_none() {
        return Ok(Bytes::new());
    }
    let mut whole = BytesMut::new();
    loop {
        let size = read_chunk_size(reader, buffer).await?;
        let chunk = take(size, reader, buffer).await?;
        take(2, reader, buffer).await?;
        if size == 0 {
            return Ok(whole.freeze());
        }
        if whole.len() + size > BODY_MAX {
            return Err(invalid("request body over its limit"));
        }
        whole.extend_from_slice(&chunk);
    }
}

async fn read_chunk_size<R>(reader: &mut R, buffer: &mut BytesMut) -> io::Result<usize>
where
    R: AsyncRead + Unpin,
{
    let end = loop {
        if let Some(end) = find(buffer, b"\r\n") {
            break end;
        }
        if buffer.len() > HEAD_MAX {
            return Err(invalid("chunk size over its limit"));
        }
        if reader.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let line = buffer.split_to(end);
    buffer.advance(2);
    parse_chunk_size(&line).ok_or_else(|| invalid("chunk size is no number"))
}

/// Reads a chunk's size in hexadecimal, without its extensions.
pub(crate) fn parse_chunk_size(line: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(line).ok()?;
    let digits = text.split(';').next()?.trim();
    usize::from_str_radix(digits, 16).ok()
}

async fn take<R>(length: usize, reader: &mut R, buffer: &mut BytesMut) -> io::Result<BytesMut>
where
    R: AsyncRead + Unpin,
{
    if length > BODY_MAX {
        return Err(invalid("request body over its limit"));
    }
    while buffer.len() < length {
        if reader.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(buffer.split_to(length))
}

/// Finds where a short pattern starts.
pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

fn invalid(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
