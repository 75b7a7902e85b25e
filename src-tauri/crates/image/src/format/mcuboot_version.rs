//! A version as `MCUboot` stores it, in headers and in dependencies.

use crate::bytes::{Fields, Order};

/// A version as `imgtool` writes it: major u8, minor u8, revision u16, build u32.
pub(crate) fn version(bytes: &[u8], order: Order) -> Option<String> {
    let mut fields = Fields(bytes);
    let (major, minor) = (fields.u8()?, fields.u8()?);
    let (revision, build) = (order.u16(&mut fields)?, order.u32(&mut fields)?);
    Some(format!("{major}.{minor}.{revision}+{build}"))
}
