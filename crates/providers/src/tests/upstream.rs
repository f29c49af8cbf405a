//! A server for one test: it keeps what it is sent and answers in raw bytes. It must not know what
//! any of it means.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// Is one request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Seen {
    /// Gives the path with its query.
    pub(crate) fn target(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(there, _)| there == name)?;
        Some(&found.1)
    }
}

type Answer = Arc<dyn Fn(usize, &Seen) -> Vec<u8> + Send + Sync>;

pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    /// An answer leaves only with a permit.
    permits: Arc<Semaphore>,
    arrived: Arc<Semaphore>,
}

impl Upstream {
    /// Starts a server; `answer` gets the request's number and the request.
    pub(crate) async fn start(
        answer: impl Fn(usize, &Seen) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let upstream = Self::held(answer).await;
        upstream.permits.add_permits(1000);
        upstream
    }

    /// Starts a server whose answers wait for [`Self::release`].
    pub(crate) async fn held(
        answer: impl Fn(usize, &Seen) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
            permits: Arc::new(Semaphore::new(0)),
            arrived: Arc::new(Semaphore::new(0)),
        };
        let answer: Answer = Arc::new(answer);
        let (seen, permits) = (Arc::clone(&upstream.seen), Arc::clone(&upstream.permits));
        let arrived = Arc::clone(&upstream.arrived);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let line = Conversation {
                    answer: Arc::clone(&answer),
                    seen: Arc::clone(&seen),
                    permits: Arc::clone(&permits),
                    arrived: Arc::clone(&arrived),
                };
                tokio::spawn(line.serve(socket));
            }
        });
        upstream
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn release(&self, answers: usize) {
        self.permits.add_permits(answers);
    }

    /// Waits until so many more requests are there.
    pub(crate) async fn await_requests(&self, count: u32) {
        let arrived = self.arrived.acquire_many(count).await.unwrap();
        arrived.forget();
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

struct Conversation {
    answer: Answer,
    seen: Arc<Mutex<Vec<Seen>>>,
    permits: Arc<Semaphore>,
    arrived: Arc<Semaphore>,
}

impl Conversation {
    async fn serve(self, mut socket: TcpStream) {
        let mut bytes = Vec::new();
        while let Some(request) = read(&mut socket, &mut bytes).await {
            let number = {
                let mut seen = self.seen.lock().unwrap();
                seen.push(request.clone());
                seen.len() - 1
            };
            self.arrived.add_permits(1);
            self.permits.acquire().await.unwrap().forget();
            let answer = (self.answer)(number, &request);
            if socket.write_all(&answer).await.is_err() {
                return;
            }
        }
    }
}

async fn read(socket: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Seen> {
    let mut piece = vec![0; 16 << 10];
    loop {
        if let Some((seen, length)) = parse(bytes) {
            bytes.drain(..length);
            return Some(seen);
        }
        let count = socket
            .read(&mut piece)
            .await
            .ok()
            .filter(|count| *count > 0)?;
        bytes.extend_from_slice(&piece[..count]);
    }
}

fn parse(bytes: &[u8]) -> Option<(Seen, usize)> {
    let text = String::from_utf8_lossy(bytes);
    let (head, _) = text.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let line = lines.next()?.to_owned();
    let split = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_lowercase(), value.trim().to_owned())
    };
    let headers: Vec<_> = lines.map(split).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(0, |(_, value)| value.parse().unwrap());
    let end = head.len() + 4 + length;
    let body = bytes.get(head.len() + 4..end)?;
    let body = String::from_utf8(body.to_vec()).unwrap();
    Some((
        Seen {
            line,
            headers,
            body,
        },
        end,
    ))
}

/// Writes an answer with a length.
pub(crate) fn answer(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut out = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    out.push_str("\r\n");
    let mut out = out.into_bytes();
    out.extend_from_slice(body);
    out
}
