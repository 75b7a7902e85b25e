//! Operations on blocks: put one, list them, make a list of them the blob.

use axum::{body::Body, http::StatusCode, response::Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use firmdrop_core::Md5;

use super::{
    answer::{document, sent, tagged},
    conditions::write,
    request::Request,
    shared::Shared,
    upload::{self, BodyKind, receive},
    xml,
};
use crate::blob::state::{BlockKind, Code, Listed, Refusal};
use crate::http::http_date;

pub(crate) async fn put(
    shared: &Shared,
    request: &Request,
    body: Body,
) -> Result<Response, Refusal> {
    if let Some(value) = request.header("x-ms-copy-source") {
        let name = "x-ms-copy-source";
        return Err(Refusal::header(Code::UnsupportedHeader, name, value));
    }
    let (container, blob) = (request.container(), request.blob());
    let id = request.parameter("blockid").unwrap_or_default();
    shared.account().check_block(container, blob, id)?;
    let received = receive(shared, request, body, BodyKind::Block).await?;
    if received.part.size_bytes == 0 {
        return Err(Refusal::header(
            Code::InvalidHeaderValue,
            "Content-Length",
            "0",
        ));
    }
    let size_bytes = received.part.size_bytes;
    let mut account = shared.account();
    account.put_block(container, blob, id, received.part)?;
    drop(account);
    let name = request.recorded_name();
    shared.recorder.block(&name, id, size_bytes);
    // The answer carries the sum that the request carried, and the CRC when it carried none.
    let (header, sum) = match request.header("content-md5") {
        Some(_) => ("content-md5", received.md5),
        None => ("x-ms-content-crc64", received.crc64),
    };
    let built = Response::builder()
        .status(StatusCode::CREATED)
        .header(header, sum)
        .header("x-ms-request-server-encrypted", "true")
        .body(Body::empty());
    Ok(sent(built))
}

pub(crate) async fn put_list(
    shared: &Shared,
    request: &Request,
    body: Body,
) -> Result<Response, Refusal> {
    let text = upload::document(body).await?;
    if let Some(said) = request.header("content-md5")
        && STANDARD.encode(Md5::of(text.as_bytes()).as_bytes()) != said
    {
        return Err(Code::Md5Mismatch.into());
    }
    let list = listed(&text)?;
    let write = write(request, None);
    let (container, blob) = (request.container(), request.blob());
    let mut account = shared.account();
    let made = account.put_block_list(container, blob, &list, write)?;
    drop(account);
    shared.recorder.committed(&request.recorded_name());
    let built = tagged(StatusCode::CREATED, &made.etag, made.modified)
        .header("x-ms-request-server-encrypted", "true")
        .body(Body::empty());
    Ok(sent(built))
}

fn listed(text: &str) -> Result<Vec<Listed>, Refusal> {
    let wrong = || Refusal::from(Code::InvalidXmlDocument);
    let lines = xml::children(text, "BlockList").ok_or_else(wrong)?;
    let line = |(name, id): (String, String)| {
        let kind = match &*name {
            "Committed" => BlockKind::Committed,
            "Uncommitted" => BlockKind::Uncommitted,
            "Latest" => BlockKind::Latest,
            _ => return Err(wrong()),
        };
        let id = id.trim().to_owned();
        Ok(Listed { kind, id })
    };
    lines.into_iter().map(line).collect()
}

pub(crate) fn list(shared: &Shared, request: &Request) -> Result<Response, Refusal> {
    let kind = request.parameter("blocklisttype").unwrap_or("committed");
    let (committed, uncommitted) = match kind {
        "committed" => (true, false),
        "uncommitted" => (false, true),
        "all" => (true, true),
        _ => return Err(Code::InvalidQueryParameterValue.into()),
    };
    let account = shared.account();
    let blob = account.blob(request.container(), request.blob())?;
    let mut content = String::new();
    if committed {
        let blocks = blob.committed.iter().flat_map(|blob| &blob.blocks);
        // A blob that came whole has no blocks.
        let blocks = blocks.filter(|(id, _)| !id.is_empty());
        let lines: String = blocks
            .map(|(id, part)| block(id, part.size_bytes))
            .collect();
        content.extend(["<CommittedBlocks>", &lines, "</CommittedBlocks>"]);
    }
    if uncommitted {
        let blocks = blob.uncommitted.iter();
        let lines: String = blocks
            .map(|(id, part)| block(id, part.size_bytes))
            .collect();
        content.extend(["<UncommittedBlocks>", &lines, "</UncommittedBlocks>"]);
    }
    let mut answer = document(StatusCode::OK, &format!("<BlockList>{content}</BlockList>"));
    if let Some(blob) = &blob.committed {
        let said = [
            ("etag", blob.etag.clone()),
            ("last-modified", http_date(blob.modified)),
            ("x-ms-blob-content-length", blob.size_bytes.to_string()),
        ];
        for (name, value) in said {
            if let Ok(value) = value.parse() {
                answer.headers_mut().insert(name, value);
            }
        }
    }
    Ok(answer)
}

fn block(id: &str, size_bytes: u64) -> String {
    let content = xml::element("Name", id) + &xml::element("Size", &size_bytes.to_string());
    format!("<Block>{content}</Block>")
}
