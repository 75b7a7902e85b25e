//! Why the storage refuses a request: the service's own codes, with their status and message.
//!
//! The codes are those of the Blob service's list of error codes; the messages are shorter.

/// A refusal's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    AuthenticationFailed,
    AuthorizationFailure,
    AuthorizationPermissionMismatch,
    AuthorizationResourceTypeMismatch,
    BlobAlreadyExists,
    BlobNotFound,
    BlockCountExceedsLimit,
    BlockListTooLong,
    ConditionNotMet,
    ContainerAlreadyExists,
    ContainerNotFound,
    Crc64Mismatch,
    InternalError,
    InvalidAuthenticationInfo,
    InvalidBlobOrBlock,
    InvalidBlockList,
    InvalidHeaderValue,
    InvalidMd5,
    InvalidQueryParameterValue,
    InvalidRange,
    InvalidResourceName,
    InvalidUri,
    InvalidXmlDocument,
    Md5Mismatch,
    MissingContentLengthHeader,
    MissingRequiredHeader,
    NoAuthenticationInformation,
    OutOfRangeInput,
    RequestBodyTooLarge,
    ServerBusy,
    UnsupportedHeader,
    UnsupportedHttpVerb,
}

impl Code {
    /// Its name on the wire.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::AuthenticationFailed => "AuthenticationFailed",
            Self::AuthorizationFailure => "AuthorizationFailure",
            Self::AuthorizationPermissionMismatch => "AuthorizationPermissionMismatch",
            Self::AuthorizationResourceTypeMismatch => "AuthorizationResourceTypeMismatch",
            Self::BlobAlreadyExists => "BlobAlreadyExists",
            Self::BlobNotFound => "BlobNotFound",
            Self::BlockCountExceedsLimit => "BlockCountExceedsLimit",
            Self::BlockListTooLong => "BlockListTooLong",
            Self::ConditionNotMet => "ConditionNotMet",
            Self::ContainerAlreadyExists => "ContainerAlreadyExists",
            Self::ContainerNotFound => "ContainerNotFound",
            Self::Crc64Mismatch => "Crc64Mismatch",
            Self::InternalError => "InternalError",
            Self::InvalidAuthenticationInfo => "InvalidAuthenticationInfo",
            Self::InvalidBlobOrBlock => "InvalidBlobOrBlock",
            Self::InvalidBlockList => "InvalidBlockList",
            Self::InvalidHeaderValue => "InvalidHeaderValue",
            Self::InvalidMd5 => "InvalidMd5",
            Self::InvalidQueryParameterValue => "InvalidQueryParameterValue",
            Self::InvalidRange => "InvalidRange",
            Self::InvalidResourceName => "InvalidResourceName",
            Self::InvalidUri => "InvalidUri",
            Self::InvalidXmlDocument => "InvalidXmlDocument",
            Self::Md5Mismatch => "Md5Mismatch",
            Self::MissingContentLengthHeader => "MissingContentLengthHeader",
            Self::MissingRequiredHeader => "MissingRequiredHeader",
            Self::NoAuthenticationInformation => "NoAuthenticationInformation",
            Self::OutOfRangeInput => "OutOfRangeInput",
            Self::RequestBodyTooLarge => "RequestBodyTooLarge",
            Self::ServerBusy => "ServerBusy",
            Self::UnsupportedHeader => "UnsupportedHeader",
            Self::UnsupportedHttpVerb => "UnsupportedHttpVerb",
        }
    }

    /// Its HTTP status.
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::InvalidAuthenticationInfo | Self::NoAuthenticationInformation => 401,
            Self::AuthenticationFailed
            | Self::AuthorizationFailure
            | Self::AuthorizationPermissionMismatch
            | Self::AuthorizationResourceTypeMismatch => 403,
            Self::BlobNotFound | Self::ContainerNotFound => 404,
            Self::UnsupportedHttpVerb => 405,
            Self::BlobAlreadyExists
            | Self::BlockCountExceedsLimit
            | Self::ContainerAlreadyExists => 409,
            Self::MissingContentLengthHeader => 411,
            Self::ConditionNotMet => 412,
            Self::RequestBodyTooLarge => 413,
            Self::InvalidRange => 416,
            Self::InternalError => 500,
            Self::ServerBusy => 503,
            _ => 400,
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::AuthenticationFailed => {
                "Server failed to authenticate the request. Make sure the value of Authorization \
                 header is formed correctly including the signature."
            }
            Self::AuthorizationFailure => {
                "This request is not authorized to perform this operation."
            }
            Self::AuthorizationPermissionMismatch => {
                "This request is not authorized to perform this operation using this permission."
            }
            Self::AuthorizationResourceTypeMismatch => {
                "This request is not authorized to perform this operation using this resource type."
            }
            Self::BlobAlreadyExists => "The specified blob already exists.",
            Self::BlobNotFound => "The specified blob does not exist.",
            Self::BlockCountExceedsLimit => "The uncommitted block count exceeds the limit.",
            Self::BlockListTooLong => "The block list has more than 50,000 blocks.",
            Self::ConditionNotMet => {
                "The condition specified using HTTP conditional header(s) is not met."
            }
            Self::ContainerAlreadyExists => "The specified container already exists.",
            Self::ContainerNotFound => "The specified container does not exist.",
            Self::Crc64Mismatch => {
                "The CRC64 value specified in the request did not match with the calculated one."
            }
            Self::InternalError => "The server encountered an internal error.",
            Self::InvalidAuthenticationInfo | Self::NoAuthenticationInformation => {
                "Server failed to authenticate the request. Please refer to the information in the \
                 www-authenticate header."
            }
            Self::InvalidBlobOrBlock => "The specified blob or block content is invalid.",
            Self::InvalidBlockList => "The specified block list is invalid.",
            Self::InvalidHeaderValue => {
                "The value for one of the HTTP headers is not in the correct format."
            }
            Self::InvalidMd5 => "The MD5 value specified in the request is invalid.",
            Self::InvalidQueryParameterValue => {
                "Value for one of the query parameters specified in the request URI is invalid."
            }
            Self::InvalidRange => "The range specified is invalid for the current size.",
            Self::InvalidResourceName => "The specified resource name contains invalid characters.",
            Self::InvalidUri => "The request URI is invalid.",
            Self::InvalidXmlDocument => "XML specified is not syntactically valid.",
            Self::Md5Mismatch => {
                "The MD5 value specified in the request did not match with the calculated one."
            }
            Self::MissingContentLengthHeader => "Content-Length HTTP header is missing.",
            Self::MissingRequiredHeader => {
                "An HTTP header that is mandatory for this request is not specified."
            }
            Self::OutOfRangeInput => "One of the request inputs is out of range.",
            Self::RequestBodyTooLarge => "The request body is too large.",
            Self::ServerBusy => "The server is busy.",
            Self::UnsupportedHeader => {
                "One of the headers specified in the request is not supported."
            }
            Self::UnsupportedHttpVerb => "The resource does not support the specified HTTP verb.",
        }
    }
}

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: Code,
    pub(crate) message: String,
    /// More elements of the error's body, by name.
    pub(crate) details: Vec<(&'static str, String)>,
}

impl Refusal {
    pub(crate) fn detailed(code: Code, name: &'static str, detail: impl Into<String>) -> Self {
        let mut refusal = Self::from(code);
        refusal.details.push((name, detail.into()));
        refusal
    }

    /// A header whose value is refused.
    pub(crate) fn header(code: Code, name: &str, value: &str) -> Self {
        let mut refusal = Self::detailed(code, "HeaderName", name);
        refusal.details.push(("HeaderValue", value.to_owned()));
        refusal
    }

    /// The simulator's own disk failed: its fault, not the client's.
    pub(crate) fn disk(error: &std::io::Error) -> Self {
        Self {
            message: format!("The simulator cannot store this: {error}."),
            ..Self::from(Code::InternalError)
        }
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self {
            code,
            message: code.message().to_owned(),
            details: Vec::new(),
        }
    }
}
