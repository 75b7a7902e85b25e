//! `inspect FILE --extract PART --output FILE`: what lies inside, as a file of its own.

use firmdrop_api::Diagnosis;
use firmdrop_core::grouped;
use firmdrop_image::Integrity;

use crate::context::Context;
use crate::exit::Exit;
use crate::print;

pub(super) async fn run(
    context: &Context,
    path: &str,
    part: &str,
    to: &str,
) -> Result<Exit, Diagnosis> {
    let written = context.firmdrop.extract(path, part, to).await?;
    if context.json {
        print::json(&written);
    } else {
        print::line(&format!(
            "{}: {}, {} bytes, written to {}",
            written.part,
            written.summary,
            grouped(written.size_bytes),
            written.path
        ));
    }
    Ok(if written.integrity == Integrity::Damaged {
        Exit::Failed
    } else {
        Exit::Done
    })
}
