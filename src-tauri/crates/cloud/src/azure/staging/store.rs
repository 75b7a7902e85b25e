//! The client of one container: one method per request, nothing repeated.
//!
//! The blob library writes the requests and reads the answers; the transport, the deadlines and the
//! authorization are ours.

use std::{collections::HashMap, sync::Arc};

use azure_core::{
    error::ErrorKind,
    http::{
        ClientMethodOptions, ClientOptions, Context, Etag, RequestContent, RetryOptions,
        Transport as LibraryTransport, Url,
    },
    stream::SeekableStream,
};
use azure_storage_blob::{
    BlobClient, BlobClientOptions, BlobContainerClient, BlobContainerClientOptions,
    BlobServiceClient, BlobServiceClientOptions, BlockBlobClient, BlockBlobClientOptions,
    models::{
        BlobClientGetPropertiesResultHeaders as _, BlockBlobClientCommitBlockListOptions,
        BlockBlobClientStageBlockOptions, BlockBlobClientStageBlockResultHeaders as _,
        BlockListType, BlockLookupList, KeyInfo,
    },
};
use firmdrop_core::{Clock, Moment, SystemClock};
use firmdrop_net::{Http, HttpOptions, NetError, Transport, retry::RetryPolicy};
use tokio::sync::Mutex;

use super::{
    AccessKind, StorageAccess, StorageError, StoragePlace, StorageRefusal,
    adapter::Line,
    authorize::Authorize,
    block_id::BlockId,
    body::BlockBody,
    clock::Clocks,
    crc64::Crc64,
    refusal::RequestContext,
    sas::{DelegationKey, SIGNED_VERSION},
};
use crate::azure::TokenError;

/// No answer is longer: a list of 100,000 uncommitted and 50,000 committed blocks, 110 bytes each.
const RESPONSE_BYTES: u64 = 20 * 1024 * 1024;

/// How a store is reached. No secret.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The account of Firmdrop that it belongs to; errors name it.
    pub account: String,
    /// Proxy, certificates, deadlines.
    pub http: HttpOptions,
    /// How long a lost network is waited for.
    pub retry: RetryPolicy,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl StoreOptions {
    /// The usual ones for this account.
    pub fn of(account: impl Into<String>) -> Self {
        Self {
            account: account.into(),
            http: HttpOptions::default(),
            retry: RetryPolicy::default(),
            clock: Arc::new(SystemClock),
        }
    }
}

/// One container and what opens it. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct BlobStore {
    pub(super) place: StoragePlace,
    pub(super) access: StorageAccess,
    pub(super) options: StoreOptions,
    pub(super) clocks: Clocks,
    pub(super) delegation: Arc<Mutex<Option<(DelegationKey, Moment)>>>,
    client: ClientOptions,
}

/// A block as the storage lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListedBlock {
    pub(super) id: Vec<u8>,
    pub(super) length_bytes: u64,
}

/// The blocks of a blob.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct BlockLists {
    pub(super) committed: Vec<ListedBlock>,
    pub(super) uncommitted: Vec<ListedBlock>,
}

/// What the storage says of a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BlobProperties {
    pub(super) length_bytes: u64,
    pub(super) metadata: HashMap<String, String>,
}

impl BlobStore {
    /// A client of this container. Touches no network.
    pub fn new(
        place: StoragePlace,
        access: StorageAccess,
        options: StoreOptions,
    ) -> Result<Self, StorageError> {
        let unusable = |error: NetError| StorageError::Unusable {
            why: format!("{error}."),
        };
        let http = Http::new(place.endpoint(), &options.http).map_err(unusable)?;
        let transport = Transport::new(http, [place.endpoint()], RESPONSE_BYTES);
        let clocks = Clocks::new(Arc::clone(&options.clock));
        let authorize = Authorize::new(place.account(), &access, clocks.clone());
        let line = Line {
            transport,
            clocks: clocks.clone(),
        };
        let client = ClientOptions {
            per_try_policies: vec![Arc::new(authorize)],
            retry: RetryOptions::none(),
            transport: Some(LibraryTransport::with_policy(Arc::new(line))),
            ..ClientOptions::default()
        };
        Ok(Self {
            place,
            access,
            options,
            clocks,
            delegation: Arc::default(),
            client,
        })
    }

    /// The container.
    pub fn place(&self) -> &StoragePlace {
        &self.place
    }

    /// By how much this computer's clock differs from the storage's, when it said so and that is
    /// worth a warning: "12 min ahead of".
    pub fn clock_warning(&self) -> Option<String> {
        self.clocks.warning()
    }

    /// Makes the container, open to nobody. True when it is there now and was not before.
    pub async fn create_container(&self) -> Result<bool, StorageError> {
        let asked = "Create Container";
        let options = BlobContainerClientOptions {
            client_options: self.client.clone(),
            version: SIGNED_VERSION.to_owned(),
        };
        let client = BlobContainerClient::new(self.place.container_url(), None, Some(options));
        let client = client.map_err(|error| self.error(asked, error))?;
        match client.create(None).await.map(drop) {
            Ok(()) => Ok(true),
            Err(error) => match self.error(asked, error) {
                error if error.is("ContainerAlreadyExists") => Ok(false),
                error => Err(error),
            },
        }
    }

    /// Stores a block that belongs to nothing yet. May be repeated: the same id has the same bytes.
    pub(super) async fn put_block(
        &self,
        blob: &str,
        id: &BlockId,
        crc64: Crc64,
        body: BlockBody,
    ) -> Result<(), StorageError> {
        let asked = format!("Put Block of {blob}");
        let options = BlockBlobClientStageBlockOptions {
            transactional_content_crc64: Some(crc64.to_bytes().to_vec()),
            method_options: ClientMethodOptions {
                context: Context::new().with_value(body.clone()),
            },
            ..Default::default()
        };
        let length = body.len().unwrap_or_default();
        let body: Box<dyn SeekableStream> = Box::new(body);
        let body = azure_core::http::Body::from(body);
        let client = self.block_client(blob, &asked)?;
        let sent = client.stage_block(id.as_bytes(), length, body.into(), Some(options));
        let answer = sent.await.map_err(|error| self.error(&*asked, error))?;
        // Storage that does not say what it took has at least not refused it.
        match answer.content_crc64() {
            Ok(Some(theirs)) if theirs != crc64.to_bytes() => {
                Err(StorageError::Damaged { request: asked })
            }
            _ => Ok(()),
        }
    }

    /// The blocks of a blob; `None` when the storage holds nothing of this name.
    pub(super) async fn blocks(&self, blob: &str) -> Result<Option<BlockLists>, StorageError> {
        let asked = format!("Get Block List of {blob}");
        let client = self.block_client(blob, &asked)?;
        let response = match client.get_block_list(BlockListType::All, None).await {
            Ok(response) => response,
            Err(error) => {
                let error = self.error(asked, error);
                return if error.is_no_blob() {
                    Ok(None)
                } else {
                    Err(error)
                };
            }
        };
        let list = response.into_model();
        let list = list.map_err(|error| self.error(asked, error))?;
        let read = |blocks: Option<Vec<azure_storage_blob::models::Block>>| {
            let blocks = blocks.unwrap_or_default().into_iter();
            let blocks = blocks.map(|block| ListedBlock {
                id: block.name.unwrap_or_default(),
                length_bytes: block
                    .size
                    .and_then(|size| u64::try_from(size).ok())
                    .unwrap_or_default(),
            });
            blocks.collect()
        };
        Ok(Some(BlockLists {
            committed: read(list.committed_blocks),
            uncommitted: read(list.uncommitted_blocks),
        }))
    }

    /// Makes the blob out of these blocks, if there is none of this name yet. Not to be repeated
    /// before [`Self::blocks`] was asked.
    pub(super) async fn commit(
        &self,
        blob: &str,
        ids: &[BlockId],
        metadata: HashMap<String, String>,
    ) -> Result<(), StorageError> {
        let asked = format!("Put Block List of {blob}");
        let list = BlockLookupList {
            latest: Some(ids.iter().map(|id| id.as_bytes().to_vec()).collect()),
            ..Default::default()
        };
        let list: RequestContent<BlockLookupList, _> =
            (list.try_into()).map_err(|error| self.error(asked.as_str(), error))?;
        let options = BlockBlobClientCommitBlockListOptions {
            if_none_match: Some(Etag::from("*")),
            blob_content_type: Some("application/octet-stream".to_owned()),
            metadata: Some(metadata),
            ..Default::default()
        };
        let client = self.block_client(blob, &asked)?;
        let sent = client
            .commit_block_list(list, Some(options))
            .await
            .map(drop);
        sent.map_err(|error| self.error(asked, error))
    }

    /// What the storage says of a blob; `None` when there is none.
    pub(super) async fn properties(
        &self,
        blob: &str,
    ) -> Result<Option<BlobProperties>, StorageError> {
        let asked = format!("Get Blob Properties of {blob}");
        let client = self.blob_client(blob, &asked)?;
        let response = match client.get_properties(None).await {
            Ok(response) => response,
            Err(error) => {
                let error = self.error(asked, error);
                return if error.is_no_blob() {
                    Ok(None)
                } else {
                    Err(error)
                };
            }
        };
        let unreadable = |why: &str| StorageError::Unreadable {
            request: asked.clone(),
            why: why.to_owned(),
        };
        let metadata = response.metadata().unwrap_or_default();
        let mut length = response.content_length().ok().flatten();
        if length.is_none() {
            // A proxy on the way took it out; the blocks that the blob is made of have theirs.
            let blocks = self.blocks(blob).await?.unwrap_or_default().committed;
            length = (!blocks.is_empty()).then(|| blocks.iter().map(|one| one.length_bytes).sum());
        }
        Ok(Some(BlobProperties {
            length_bytes: length.ok_or_else(|| unreadable("It names no length."))?,
            metadata,
        }))
    }

    /// Deletes a blob. False when there was none.
    pub(super) async fn delete(&self, blob: &str) -> Result<bool, StorageError> {
        let asked = format!("Delete Blob {blob}");
        let client = self.blob_client(blob, &asked)?;
        match client.delete(None).await.map(drop) {
            Ok(()) => Ok(true),
            Err(error) => match self.error(asked, error) {
                error if error.is_no_blob() => Ok(false),
                error => Err(error),
            },
        }
    }

    /// Asks for a key that stands for whoever is signed in.
    pub(super) async fn delegation_key(
        &self,
        start: Moment,
        end: Moment,
    ) -> Result<DelegationKey, StorageError> {
        let asked = "Get User Delegation Key";
        let moment = |moment: Moment| {
            let seconds = moment.as_millisecond().div_euclid(1000);
            azure_core::time::OffsetDateTime::from_unix_timestamp(seconds).ok()
        };
        let info = KeyInfo {
            start: moment(start),
            expiry: moment(end),
            ..Default::default()
        };
        let info: RequestContent<KeyInfo, _> =
            info.try_into().map_err(|error| self.error(asked, error))?;
        let options = BlobServiceClientOptions {
            client_options: self.client.clone(),
            version: SIGNED_VERSION.to_owned(),
        };
        let client = BlobServiceClient::new(self.place.endpoint().clone(), None, Some(options));
        let client = client.map_err(|error| self.error(asked, error))?;
        let key = client.get_user_delegation_key(info, None).await;
        let key = key.and_then(azure_core::http::Response::into_model);
        let key = key.map_err(|error| self.error(asked, error))?;
        let time = |time: Option<azure_core::time::OffsetDateTime>| {
            let milliseconds = time?.unix_timestamp().saturating_mul(1000);
            Some(super::sas::to_the_second(Moment::from_millisecond(
                milliseconds,
            )))
        };
        let read = || {
            Some(DelegationKey {
                value: azure_core::credentials::Secret::new(azure_core::base64::encode(key.value?)),
                object_id: key.signed_oid?,
                tenant_id: key.signed_tid?,
                start: time(key.signed_start)?,
                expiry: time(key.signed_expiry)?,
                service: key.signed_service?,
                version: key.signed_version?,
            })
        };
        read().ok_or_else(|| StorageError::Unreadable {
            request: asked.to_owned(),
            why: "The key lacks a part.".to_owned(),
        })
    }

    fn block_client(&self, blob: &str, asked: &str) -> Result<BlockBlobClient, StorageError> {
        let options = BlockBlobClientOptions {
            client_options: self.client.clone(),
            version: SIGNED_VERSION.to_owned(),
        };
        let client = BlockBlobClient::new(self.url(blob), None, Some(options));
        client.map_err(|error| self.error(asked, error))
    }

    fn blob_client(&self, blob: &str, asked: &str) -> Result<BlobClient, StorageError> {
        let options = BlobClientOptions {
            client_options: self.client.clone(),
            version: SIGNED_VERSION.to_owned(),
        };
        let client = BlobClient::new(self.url(blob), None, Some(options));
        client.map_err(|error| self.error(asked, error))
    }

    fn url(&self, blob: &str) -> Url {
        self.place.blob_url(blob)
    }

    /// What failed, out of the library's error.
    fn error(&self, asked: impl Into<String>, error: azure_core::Error) -> StorageError {
        let request = asked.into();
        if let ErrorKind::HttpResponse {
            status,
            raw_response,
            ..
        } = error.kind()
        {
            let asked = RequestContext {
                request,
                account: self.options.account.clone(),
                place: format!("{}/{}", self.place.account(), self.place.container()),
                access: AccessKind::from(&self.access),
                ours: self.clocks.ours(),
            };
            let status = u16::from(*status);
            let refusal = StorageRefusal::read(status, raw_response.as_deref(), asked);
            return StorageError::Refused(Box::new(refusal));
        }
        let error = match error.into_downcast::<NetError>() {
            Ok(source) => {
                return StorageError::Net {
                    source,
                    account: self.options.account.clone(),
                    request,
                };
            }
            Err(error) => error,
        };
        let error = match error.into_downcast::<TokenError>() {
            Ok(error) => return StorageError::Token(error),
            Err(error) => error,
        };
        error
            .into_downcast::<StorageError>()
            .unwrap_or_else(|_| StorageError::Unreadable {
                request,
                // The library's own words may repeat an address.
                why: "It is not what the storage answers to this.".to_owned(),
            })
    }
}

impl std::fmt::Debug for BlobStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlobStore")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}
