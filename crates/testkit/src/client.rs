//! A raw HTTP/1.1 client on one keep-alive connection: cheap to drive load with, and strict about
//! lengths and ends so that tests see every fault.
//!
//! It must not know a dialect or what is measured.

use std::io;
use std::net::SocketAddr;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::request::{find, parse_chunk_size, parse_header, value_of};

/// The largest response head that is read.
const HEAD_MAX: usize = 64 * 1024;
/// The largest response body that [`Client::exchange`] gathers.
const BODY_MAX: usize = 128 << 20;

/// Says what went wrong in an exchange.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The connection could not be made.
    #[error("could not connect to {address}")]
    Connect {
        /// Where to.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The connection failed while it was written or read.
    #[error("the connection failed")]
    Broken(#[source] io::Error),
    /// The peer closed before the answer was whole.
    #[error("the peer closed before the answer was whole")]
    Cut,
    /// What came is not HTTP/1.1.
    #[error("what came is not HTTP/1.1: {0}")]
    NotHttp(&'static str),
    /// A head or body is over its limit.
    #[error("the answer's {0} is over its limit")]
    TooLarge(&'static str),
}

/// Holds the head of a response.
#[derive(Clone, Debug)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// The headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// Tells the first value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        value_of(&self.headers, name)
    }
}

/// Holds a whole response.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status line and headers.
    pub head: Head,
    /// The body.
    pub body: Bytes,
}

/// How much of a body is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Remaining {
    Length(usize),
    Chunk(usize),
    ChunkHead,
    UntilClose,
    Done,
}

/// Is one connection to a server.
pub struct Client {
    stream: TcpStream,
    buffer: BytesMut,
    remaining: Remaining,
}

impl Client {
    /// Connects to a server.
    ///
    /// # Errors
    ///
    /// Says where the connection could not be made.
    pub async fn connect(address: SocketAddr) -> Result<Self, ClientError> {
        let stream = TcpStream::connect(address)
            .await
            .map_err(|source| ClientError::Connect { address, source })?;
        // A failure here only makes small requests slower.
        let _ = stream.set_nodelay(true);
        Ok(Self {
            stream,
            buffer: BytesMut::with_capacity(16 * 1024),
            remaining: Remaining::Done,
        })
    }

    /// Sends the bytes of a request.
    ///
    /// # Errors
    ///
    /// Says when the connection fails.
    pub async fn send(&mut self, request: &[u8]) -> Result<(), ClientError> {
        let sent = self.stream.write_all(request).await;
        sent.map_err(ClientError::Broken)
    }

    /// Reads the head of the next response.
    ///
    /// # Errors
    ///
    /// Says when the connection fails or ends, or what comes is not HTTP.
    pub async fn read_head(&mut self) -> Result<Head, ClientError> {
        let end = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end;
            }
            if self.buffer.len() > HEAD_MAX {
                return Err(ClientError::TooLarge("head"));
            }
            self.fill().await?;
        };
        let bytes = self.buffer.split_to(end);
        self.buffer.advance(4);
        let head = parse_head(&bytes)?;
        self.remaining = framing_of(&head)?;
        Ok(head)
    }

    /// Reads the next piece of the body as it arrives; `None` at its proper end.
    ///
    /// # Errors
    ///
    /// Says when the connection fails, or ends before the body does.
    pub async fn next_piece(&mut self) -> Result<Option<Bytes>, ClientError> {
        loop {
            match self.remaining {
                Remaining::Done | Remaining::Length(0) => {
                    self.remaining = Remaining::Done;
                    return Ok(None);
                }
                Remaining::Length(left) => {
                    let piece = self.some_of(left).await?;
                    self.remaining = Remaining::Length(left - piece.len());
                    return Ok(Some(piece));
                }
                Remaining::Chunk(0) => {
                    self.skip_line_end().await?;
                    self.remaining = Remaining::ChunkHead;
                }
                Remaining::Chunk(left) => {
                    let piece = self.some_of(left).await?;
                    self.remaining = Remaining::Chunk(left - piece.len());
                    return Ok(Some(piece));
                }
                Remaining::ChunkHead => {
                    let size = self.read_chunk_size().await?;
                    if size == 0 {
                        self.skip_line_end().await?;
                        self.remaining = Remaining::Done;
                    } else {
                        self.remaining = Remaining::Chunk(size);
                    }
                }
                Remaining::UntilClose => return self.rest_until_close().await,
            }
        }
    }

    /// Sends a request and reads its whole response.
    ///
    /// # Errors
    ///
    /// Says when the connection fails, or the response is cut, malformed or too large.
    pub async fn exchange(&mut self, request: &[u8]) -> Result<Reply, ClientError> {
        self.send(request).await?;
        let head = self.read_head().await?;
        let mut body = BytesMut::new();
        while let Some(piece) = self.next_piece().await? {
            if body.len() + piece.len() > BODY_MAX {
                return Err(ClientError::TooLarge("body"));
            }
            body.extend_from_slice(&piece);
        }
        Ok(Reply {
            head,
            body: body.freeze(),
        })
    }

    async fn some_of(&mut self, most: usize) -> Result<Bytes, ClientError> {
        if self.buffer.is_empty() {
            self.fill().await?;
        }
        let size = most.min(self.buffer.len());
        Ok(self.buffer.split_to(size).freeze())
    }

    async fn read_chunk_size(&mut self) -> Result<usize, ClientError> {
        let end = loop {
            if let Some(end) = find(&self.buffer, b"\r\n") {
                break end;
            }
            if self.buffer.len() > HEAD_MAX {
                return Err(ClientError::TooLarge("chunk size"));
            }
            self.fill().await?;
        };
        let line = self.buffer.split_to(end);
        self.buffer.advance(2);
        parse_chunk_size(&line).ok_or(ClientError::NotHttp("chunk size is no number"))
    }

    async fn skip_line_end(&mut self) -> Result<(), ClientError> {
        while self.buffer.len() < 2 {
            self.fill().await?;
        }
        let end = self.buffer.split_to(2);
        if end.as_ref() == b"\r\n" {
            return Ok(());
        }
        Err(ClientError::NotHttp("chunk does not end in a line end"))
    }

    async fn rest_until_close(&mut self) -> Result<Option<Bytes>, ClientError> {
        if self.buffer.is_empty() {
            match self.fill().await {
                Err(ClientError::Cut) => {
                    self.remaining = Remaining::Done;
                    return Ok(None);
                }
                other => other?,
            }
        }
        Ok(Some(self.buffer.split().freeze()))
    }

    async fn fill(&mut self) -> Result<(), ClientError> {
        match self.stream.read_buf(&mut self.buffer).await {
            Ok(0) => Err(ClientError::Cut),
            Ok(_) => Ok(()),
            Err(error) => Err(ClientError::Broken(error)),
        }
    }
}

fn parse_head(bytes: &[u8]) -> Result<Head, ClientError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ClientError::NotHttp("head is not UTF-8"))?;
    let mut lines = text.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let rest = first
        .strip_prefix("HTTP/1.1 ")
        .or_else(|| first.strip_prefix("HTTP/1.0 "));
    let code = rest.and_then(|rest| rest.split(' ').next());
    let status = code.and_then(|code| code.parse().ok());
    Ok(Head {
        status: status.ok_or(ClientError::NotHttp("no status line"))?,
        headers: lines.filter_map(parse_header).collect(),
    })
}

fn framing_of(head: &Head) -> Result<Remaining, ClientError> {
    if head.status == 204 || head.status == 304 {
        return Ok(Remaining::Done);
    }
    if head.header("transfer-encoding").is_some() {
        return Ok(Remaining::ChunkHead);
    }
    let Some(length) = head.header("content-length") else {
        return Ok(Remaining::UntilClose);
    };
    let length = length.parse().map(Remaining::Length);
    length.map_err(|_| ClientError::NotHttp("content-length is no number"))
}
