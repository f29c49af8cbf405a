//! Where a provider is reached, from what the configuration says of it. It must not know any
//! provider, nor open a connection.

use crate::authorise::{Absent, Field, Holds};

/// Holds what the configuration says of where a provider is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written<'w> {
    /// Its base URL.
    pub base_url: Option<&'w str>,
    /// Its region.
    pub region: Option<&'w str>,
    /// Its project.
    pub project: Option<&'w str>,
    /// Its API's version, where that stands in the query.
    pub api_version: Option<&'w str>,
}

/// Says where a provider is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The URL in front of an adapter's path.
    pub base_url: String,
    /// The query behind every path.
    pub query: Option<String>,
    /// The service that AWS signatures name, where the platform has one.
    pub service: Option<&'static str>,
}

/// Names the setting that must be written for there to be an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing(pub &'static str);

pub(crate) const BASE_URL: Field = Field {
    name: "base_url",
    about: "scheme, host and path in front of what the adapter appends",
    holds: Holds::Text,
    absent: Absent::Refused,
};

pub(crate) const OTHER_BASE_URL: Field = Field {
    about: "another host than the vendor's for the region, such as a private endpoint",
    absent: Absent::Fine,
    ..BASE_URL
};

pub(crate) const REGION: Field = Field {
    name: "region",
    about: "the region that serves; also what AWS signatures name",
    holds: Holds::Text,
    absent: Absent::Refused,
};

/// Takes the base URL as it is written.
pub(crate) fn as_written(written: &Written<'_>) -> Result<Address, Missing> {
    let base_url = written.base_url.ok_or(Missing(BASE_URL.name))?;
    Ok(Address {
        base_url: base_url.to_owned(),
        query: None,
        service: None,
    })
}

/// Takes the base URL as it is written, or makes it of the region.
pub(crate) fn of_region(
    written: &Written<'_>,
    service: &'static str,
    make: impl Fn(&str) -> String,
) -> Result<Address, Missing> {
    let region = written.region.ok_or(Missing(REGION.name))?;
    let base_url = written.base_url.map(ToOwned::to_owned);
    Ok(Address {
        base_url: base_url.unwrap_or_else(|| make(region)),
        query: None,
        service: Some(service),
    })
}
