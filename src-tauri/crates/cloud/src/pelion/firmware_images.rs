//! The operations of firmware images.

use firmdrop_net::{Field, FilePart, Method, StreamedBody};

use super::{FirmwareImage, ListQuery, Page, Pelion, PelionError, exchange::checked_id};

const IMAGES: &str = "v3/firmware-images";

/// What a new firmware image is called.
#[derive(Debug, Clone, Copy)]
pub struct NewImage<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its description; may be empty.
    pub description: &'a str,
    /// Name of the file.
    pub file_name: &'a str,
}

impl Pelion {
    /// One page of the firmware images.
    pub async fn firmware_images(
        &self,
        query: &ListQuery,
    ) -> Result<Page<FirmwareImage>, PelionError> {
        self.list(IMAGES, query).await
    }

    /// One firmware image.
    pub async fn firmware_image(&self, id: &str) -> Result<FirmwareImage, PelionError> {
        let path = format!("{IMAGES}/{}", checked_id(id)?);
        self.execute(self.call(Method::Get, &path)?).await
    }

    /// Deletes a firmware image. Cannot be undone.
    pub async fn delete_firmware_image(&self, id: &str) -> Result<(), PelionError> {
        let path = format!("{IMAGES}/{}", checked_id(id)?);
        self.exchange(self.call(Method::Delete, &path)?).await?;
        Ok(())
    }

    /// Sends a whole file in one request; only for files below
    /// [`SINGLE_POST_BELOW_BYTES`](super::SINGLE_POST_BELOW_BYTES). After an unknown answer look
    /// for the image before sending again.
    pub async fn post_firmware_image(
        &self,
        image: NewImage<'_>,
        body: StreamedBody,
    ) -> Result<FirmwareImage, PelionError> {
        let fields = [
            Field {
                name: "name",
                value: image.name,
            },
            Field {
                name: "description",
                value: image.description,
            },
        ];
        let file = FilePart {
            field: "datafile",
            file_name: image.file_name,
            body,
        };
        let call = self.call(Method::Post, IMAGES)?;
        self.execute(call.map(|request| request.form(&fields, file)))
            .await
    }
}
