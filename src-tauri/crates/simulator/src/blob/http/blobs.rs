//! Operations on whole blobs: put, get, head, delete, metadata.

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::Response,
};

use super::{
    answer::{sent, tagged, with_properties},
    conditions::{conditions, metadata, write},
    download,
    range::wanted,
    request::Request,
    shared::Shared,
    upload::{BodyKind, receive},
};
use crate::blob::state::{Code, Committed, Refusal};

pub(crate) async fn put(
    shared: &Shared,
    request: &Request,
    body: Body,
) -> Result<Response, Refusal> {
    match request.header("x-ms-blob-type") {
        Some("BlockBlob") => {}
        None => {
            let name = "x-ms-blob-type";
            return Err(Refusal::detailed(
                Code::MissingRequiredHeader,
                "HeaderName",
                name,
            ));
        }
        Some(other) => {
            return Err(Refusal::header(
                Code::UnsupportedHeader,
                "x-ms-blob-type",
                other,
            ));
        }
    }
    let (container, blob) = (request.container(), request.blob());
    let conditions = conditions(request);
    shared.account().check_put(container, blob, &conditions)?;
    let received = receive(shared, request, body, BodyKind::Blob).await?;
    let write = write(request, Some(received.md5.clone()));
    let mut account = shared.account();
    let made = account.put_blob(container, blob, received.part, write)?;
    drop(account);
    shared.recorder.whole(&request.recorded_name());
    let built = tagged(StatusCode::CREATED, &made.etag, made.modified)
        .header("content-md5", received.md5)
        .header("x-ms-content-crc64", received.crc64)
        .header("x-ms-request-server-encrypted", "true")
        .body(Body::empty());
    Ok(sent(built))
}

/// The blob, if the request's conditions let it be read: 304 and 412 are answers here.
fn readable(shared: &Shared, request: &Request) -> Result<Result<Committed, Response>, Refusal> {
    let account = shared.account();
    let blob = account.committed(request.container(), request.blob())?;
    let conditions = conditions(request);
    let is = |wanted: &String| wanted == "*" || *wanted == blob.etag;
    if conditions
        .if_match
        .as_ref()
        .is_some_and(|wanted| !is(wanted))
    {
        return Err(Code::ConditionNotMet.into());
    }
    if conditions.if_none_match.as_ref().is_some_and(is) {
        let built = tagged(StatusCode::NOT_MODIFIED, &blob.etag, blob.modified);
        return Ok(Err(sent(built.body(Body::empty()))));
    }
    Ok(Ok(blob.clone()))
}

pub(crate) fn get(shared: &Shared, request: &Request) -> Result<Response, Refusal> {
    let blob = match readable(shared, request)? {
        Ok(blob) => blob,
        Err(answer) => return Ok(answer),
    };
    let size = blob.size_bytes;
    let range = wanted(request, size)?;
    let status = match range {
        Some(_) => StatusCode::PARTIAL_CONTENT,
        None => StatusCode::OK,
    };
    let mut builder = with_properties(tagged(status, &blob.etag, blob.modified), &blob);
    if let Some(md5) = &blob.properties.content_md5 {
        // Of the whole blob: beside a range it has another name.
        let name = match range {
            Some(_) => "x-ms-blob-content-md5",
            None => "content-md5",
        };
        builder = builder.header(name, md5);
    }
    let range = match range {
        Some(range) => {
            let said = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            builder = builder.header(header::CONTENT_RANGE, said);
            range
        }
        None => 0..size,
    };
    let length = range.end - range.start;
    let built = builder
        .header(header::CONTENT_LENGTH, length)
        .body(download::body(shared, &blob, range));
    Ok(sent(built))
}

pub(crate) fn head(shared: &Shared, request: &Request) -> Result<Response, Refusal> {
    let blob = match readable(shared, request)? {
        Ok(blob) => blob,
        Err(answer) => return Ok(answer),
    };
    let mut builder = with_properties(tagged(StatusCode::OK, &blob.etag, blob.modified), &blob);
    if let Some(md5) = &blob.properties.content_md5 {
        builder = builder.header("content-md5", md5);
    }
    let built = builder
        .header(header::CONTENT_LENGTH, blob.size_bytes)
        .body(Body::empty());
    Ok(sent(built))
}

pub(crate) fn delete(shared: &Shared, request: &Request) -> Result<Response, Refusal> {
    let mut account = shared.account();
    account.delete_blob(request.container(), request.blob(), &conditions(request))?;
    let built = Response::builder()
        .status(StatusCode::ACCEPTED)
        .header("x-ms-delete-type-permanent", "true");
    Ok(sent(built.body(Body::empty())))
}

pub(crate) fn set_metadata(shared: &Shared, request: &Request) -> Result<Response, Refusal> {
    let mut account = shared.account();
    let metadata = metadata(request);
    let blob = account.set_metadata(request.container(), request.blob(), metadata)?;
    let built = tagged(StatusCode::OK, &blob.etag, blob.modified).body(Body::empty());
    Ok(sent(built))
}
