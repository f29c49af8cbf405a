//! Where one provider is served, from its base URL alone: nothing in a request can change the
//! host. It must not know what is asked there.

use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use http::uri::{PathAndQuery, Scheme};
use http::{HeaderValue, Uri};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::authorise::Authorise;
use crate::credential::Credential;
use crate::fault::{Class, Fault};
use crate::line::{Line, Socket};
use crate::pool::Pool;

/// Holds where a provider is served, its credential and its resting connections.
pub struct Endpoint {
    place: Option<Place>,
    credential: Option<Arc<Credential>>,
    auth: Option<Arc<dyn Authorise>>,
    query: Option<String>,
    pool: Arc<Pool>,
}

struct Place {
    host: String,
    port: u16,
    tls: Option<Tls>,
    header: HeaderValue,
    prefix: String,
    // Most adapters have one path; what is made for the first request is kept with its path.
    target: OnceLock<(String, Uri)>,
}

struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

/// Says why a base URL cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EndpointFault {
    /// It is no URL with a host.
    #[error("the base URL has no scheme or host")]
    NotAUrl,
    /// Its scheme is another one.
    #[error("the base URL is neither http nor https")]
    Scheme,
    /// It holds a user, a query or another part that has no place there.
    #[error("the base URL holds more than scheme, host, port and path")]
    Surplus,
    /// The operating system's trust store or the name cannot be used for TLS.
    #[error("TLS cannot be set up for the base URL")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Endpoint {
    /// Describes an endpoint over the network.
    ///
    /// # Errors
    /// Fails when the URL is not `http` or `https` with a host, holds a user or a query, or when
    /// TLS cannot be set up.
    pub fn new(base_url: &str, credential: Option<Arc<Credential>>) -> Result<Self, EndpointFault> {
        Ok(Self {
            place: Some(Place::of(base_url)?),
            credential,
            auth: None,
            query: None,
            pool: Arc::default(),
        })
    }

    /// Authorises every request in this way, in place of a key in the adapter's own header.
    #[must_use]
    pub fn authorised(self, auth: Arc<dyn Authorise>) -> Self {
        Self {
            auth: Some(auth),
            ..self
        }
    }

    /// Puts this query behind every request's path, in front of a client's own.
    #[must_use]
    pub fn querying(self, query: Option<String>) -> Self {
        Self { query, ..self }
    }

    /// Describes a model in this process, which has neither address nor credential.
    #[must_use]
    pub fn in_process() -> Self {
        Self {
            place: None,
            credential: None,
            auth: None,
            query: None,
            pool: Arc::default(),
        }
    }

    pub(crate) fn credential(&self) -> Option<&Credential> {
        self.credential.as_deref()
    }

    pub(crate) fn auth(&self) -> Option<&dyn Authorise> {
        self.auth.as_deref()
    }

    /// Tells whether nobody between here and there can read what is sent.
    pub(crate) fn is_private(&self) -> bool {
        self.place.as_ref().is_none_or(Place::is_private)
    }

    pub(crate) fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    pub(crate) fn host(&self) -> Option<HeaderValue> {
        self.place.as_ref().map(|place| place.header.clone())
    }

    /// Joins the base URL's path, the adapter's path and the query.
    pub(crate) fn target(&self, path: &str, query: Option<&str>) -> Option<Uri> {
        let place = self.place.as_ref()?;
        let query = match (&self.query, query) {
            (None, None) => return place.target(path),
            (Some(own), Some(query)) => format!("{own}&{query}"),
            (Some(own), None) => own.clone(),
            (None, Some(query)) => query.to_owned(),
        };
        let joined = format!("{}{path}?{query}", place.prefix);
        joined.parse::<PathAndQuery>().ok().map(Uri::from)
    }

    /// Opens a connection.
    pub(crate) async fn connect(&self, time: Duration) -> Result<Box<Line>, Fault> {
        let Some(place) = &self.place else {
            return Err(Fault::new(Class::Connect));
        };
        match tokio::time::timeout(time, place.open()).await {
            Ok(line) => line,
            Err(_) => Err(Fault::new(Class::TimeoutConnect)),
        }
    }
}

impl Place {
    fn of(base_url: &str) -> Result<Self, EndpointFault> {
        let url: Uri = base_url.parse().map_err(|_| EndpointFault::NotAUrl)?;
        let authority = url.authority().ok_or(EndpointFault::NotAUrl)?;
        if url.query().is_some() || authority.as_str().contains('@') {
            return Err(EndpointFault::Surplus);
        }
        let scheme = url.scheme().ok_or(EndpointFault::NotAUrl)?;
        let is_tls = *scheme == Scheme::HTTPS;
        if !is_tls && *scheme != Scheme::HTTP {
            return Err(EndpointFault::Scheme);
        }
        let host = authority.host();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() {
            return Err(EndpointFault::NotAUrl);
        }
        let header = HeaderValue::from_str(authority.as_str());
        Ok(Self {
            host: host.to_owned(),
            port: authority
                .port_u16()
                .unwrap_or(if is_tls { 443 } else { 80 }),
            tls: is_tls.then(|| Tls::of(host)).transpose()?,
            header: header.map_err(|_| EndpointFault::NotAUrl)?,
            prefix: url.path().trim_end_matches('/').to_owned(),
            target: OnceLock::new(),
        })
    }

    fn target(&self, path: &str) -> Option<Uri> {
        let parse = || (self.prefix.clone() + path).parse::<Uri>().ok();
        match self.target.get() {
            Some((kept, target)) if kept == path => Some(target.clone()),
            Some(_) => parse(),
            None => {
                let target = parse()?;
                let kept = || (path.to_owned(), target.clone());
                self.target.get_or_init(kept);
                Some(target)
            }
        }
    }

    fn is_private(&self) -> bool {
        let address = self.host.parse::<std::net::IpAddr>();
        self.tls.is_some() || address.is_ok_and(|address| address.is_loopback())
    }

    async fn open(&self) -> Result<Box<Line>, Fault> {
        let socket = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .map_err(|cause| Fault::caused(Class::Connect, cause))?;
        // Requests are written whole; waiting for more to join a packet only adds latency. A
        // system that cannot set it still works.
        let _ = socket.set_nodelay(true);
        let socket = match &self.tls {
            None => Socket::Plain(socket),
            Some(tls) => {
                let agreed = tls.connector.connect(tls.name.clone(), socket).await;
                let agreed = agreed.map_err(|cause| Fault::caused(Class::Tls, cause))?;
                Socket::Tls(Box::new(agreed))
            }
        };
        let line = Line::over(socket).await;
        line.map_err(|cause| Fault::caused(Class::Connect, cause))
    }
}

impl Tls {
    fn of(host: &str) -> Result<Self, EndpointFault> {
        // One configuration for all endpoints, so that the trust store is read once.
        static SHARED: LazyLock<Result<Arc<ClientConfig>, rustls::Error>> =
            LazyLock::new(trusting_the_system);
        let config = match &*SHARED {
            Ok(config) => Arc::clone(config),
            Err(fault) => return Err(EndpointFault::Tls(fault.clone().into())),
        };
        let name = ServerName::try_from(host.to_owned());
        Ok(Self {
            connector: TlsConnector::from(config),
            name: name.map_err(|fault| EndpointFault::Tls(fault.into()))?,
        })
    }
}

fn trusting_the_system() -> Result<Arc<ClientConfig>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(f, "Endpoint({}:{}{})", place.host, place.port, place.prefix),
            None => f.write_str("Endpoint(in process)"),
        }
    }
}
