//! Where Amazon Bedrock serves: its two endpoints by region. It must not know what is asked there.

use crate::address::{self, Address, Missing, OTHER_BASE_URL, REGION, Written};
use crate::authorise::Field;

/// Names the endpoint with the vendors' own APIs.
pub(super) const MANTLE: &str = "bedrock-mantle";

/// What says where it is.
pub(super) const PLACE: &[Field] = &[REGION, OTHER_BASE_URL];

pub(super) fn mantle(written: &Written<'_>, path: &str) -> Result<Address, Missing> {
    address::of_region(written, MANTLE, |region| {
        format!("https://bedrock-mantle.{region}.api.aws{path}")
    })
}

/// Finds the endpoint with Bedrock's own operations.
#[cfg(feature = "aws")]
pub(super) fn runtime(written: &Written<'_>) -> Result<Address, Missing> {
    address::of_region(written, "bedrock", |region| {
        format!("https://bedrock-runtime.{region}.{}", suffix(region))
    })
}

/// Tells the domain of a region's partition.
#[cfg(feature = "aws")]
fn suffix(region: &str) -> &'static str {
    const PARTITIONS: [(&str, &str); 2] = [("cn-", "amazonaws.com.cn"), ("eusc-", "amazonaws.eu")];
    let found = PARTITIONS
        .iter()
        .find(|(front, _)| region.starts_with(front));
    found.map_or("amazonaws.com", |(_, suffix)| suffix)
}
