//! What the page asks of a Pelion account. What crosses to a page goes through [`firmdrop_api::pelion`].

pub(crate) mod campaigns;
pub(crate) mod devices;
pub(crate) mod filter;
pub(crate) mod lists;
pub(crate) mod manifests;
