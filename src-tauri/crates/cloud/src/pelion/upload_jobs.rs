//! The eight operations of upload jobs, and the walk over every page of a chunk list.

use firmdrop_core::Md5;
use firmdrop_net::{BodyTiming, Method, StreamedBody};
use serde_json::json;

use super::{
    Chunk, ListQuery, Page, Pelion, PelionError, UploadJob,
    exchange::checked_id,
    limits::{LARGEST_PAGE, MOST_CHUNKS},
};

const JOBS: &str = "v3/firmware-images/upload-jobs";

impl Pelion {
    /// Creates an upload job. The name must be free among images and upload jobs: 409 otherwise.
    pub async fn create_upload_job(
        &self,
        name: &str,
        description: &str,
    ) -> Result<UploadJob, PelionError> {
        let body = json!({ "name": name, "description": description });
        let call = self.call(Method::Post, JOBS)?;
        self.execute(call.map(|request| request.json(&body))).await
    }

    /// One page of the upload jobs.
    pub async fn upload_jobs(&self, query: &ListQuery) -> Result<Page<UploadJob>, PelionError> {
        self.list(JOBS, query).await
    }

    /// One upload job.
    pub async fn upload_job(&self, id: &str) -> Result<UploadJob, PelionError> {
        let path = format!("{JOBS}/{}", checked_id(id)?);
        self.execute(self.call(Method::Get, &path)?).await
    }

    /// Changes name, description or both.
    pub async fn update_upload_job(
        &self,
        id: &str,
        name: Option<&str>,
        description: Option<&str>,
    ) -> Result<UploadJob, PelionError> {
        let path = format!("{JOBS}/{}", checked_id(id)?);
        let mut body = serde_json::Map::new();
        body.extend(name.map(|name| ("name".to_owned(), json!(name))));
        body.extend(description.map(|text| ("description".to_owned(), json!(text))));
        let call = self.call(Method::Put, &path)?;
        self.execute(call.map(|request| request.json(&body.into())))
            .await
    }

    /// Deletes an upload job, which cancels it for good. The image of a finished one survives.
    pub async fn delete_upload_job(&self, id: &str) -> Result<(), PelionError> {
        let path = format!("{JOBS}/{}", checked_id(id)?);
        self.exchange(self.call(Method::Delete, &path)?).await?;
        Ok(())
    }

    /// One page of the chunks. Empty before the first chunk, and again after the upload job is
    /// finished: read its status first.
    pub async fn chunks(&self, id: &str, query: &ListQuery) -> Result<Page<Chunk>, PelionError> {
        let path = format!("{JOBS}/{}/chunks", checked_id(id)?);
        self.list(&path, query).await
    }

    /// Every chunk, page by page, in their order.
    pub async fn all_chunks(&self, id: &str) -> Result<Vec<Chunk>, PelionError> {
        self.chunks_after(id, 0).await
    }

    /// Every chunk behind the one with this number. Ends at the first page that brings nothing
    /// new, whatever the service says about more.
    pub(super) async fn chunks_after(
        &self,
        id: &str,
        number: u32,
    ) -> Result<Vec<Chunk>, PelionError> {
        let mut all: Vec<Chunk> = Vec::new();
        let mut last = number;
        loop {
            let mut query = ListQuery::default().limit(LARGEST_PAGE);
            if last > 0 {
                query = query.after(last.to_string());
            }
            let mut page = self.chunks(id, &query).await?;
            if page.unread > 0 {
                // What it holds is not known, and nothing may be appended to what is not known.
                let why = format!("{} of its chunks cannot be read", page.unread);
                return Err(self.other_shape(&format!("GET /{JOBS}/{id}/chunks"), why));
            }
            let may_have_more = page.may_have_more();
            page.data.retain(|chunk| chunk.id > last);
            page.data.sort_by_key(|chunk| chunk.id);
            let newest = page.data.last().map(|chunk| chunk.id);
            all.append(&mut page.data);
            match newest {
                Some(newest) if may_have_more && (all.len() as u64) <= MOST_CHUNKS => last = newest,
                _ => return Ok(all),
            }
        }
    }

    /// One chunk by its number, from 1.
    pub async fn chunk(&self, id: &str, number: u32) -> Result<Chunk, PelionError> {
        let path = format!("{JOBS}/{}/chunks/{number}", checked_id(id)?);
        self.execute(self.call(Method::Get, &path)?).await
    }

    /// Appends a chunk. Never repeat it after an unknown answer: the service appends each time.
    pub async fn append_chunk(
        &self,
        id: &str,
        body: StreamedBody,
        md5: Md5,
    ) -> Result<(Chunk, BodyTiming), PelionError> {
        let path = format!("{JOBS}/{}/chunks", checked_id(id)?);
        let call = self.call(Method::Post, &path)?.map(|request| {
            request
                // What every client of the field sends, although the contract writes `application/`.
                .header("Content-Type", "binary/octet-stream")
                .header("Content-MD5", md5.to_base64())
                .streamed(body)
        });
        let name = format!("POST /{path}");
        let answer = self.exchange(call).await?;
        let chunk = self.read(&answer, name)?;
        Ok((chunk, answer.timing()))
    }

    /// Ends the upload job with the chunk of no bytes; the service then makes the image. 400 when
    /// it holds no chunk yet, or is finished already.
    pub async fn finish_upload(&self, id: &str) -> Result<Chunk, PelionError> {
        let path = format!("{JOBS}/{}/chunks", checked_id(id)?);
        let call = self.call(Method::Post, &path)?.map(|request| {
            request
                .header("Content-Type", "binary/octet-stream")
                .header("Content-MD5", Md5::EMPTY.to_base64())
                .empty_body()
        });
        self.execute(call).await
    }
}
