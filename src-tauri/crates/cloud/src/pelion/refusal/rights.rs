//! Refusals for want of a right: their words, and which right to ask for.

use crate::pelion::subject::{Act, Object, Subject};

/// Words of a refusal for want of a right.
pub(super) const RIGHTS: &[&str] = &[
    "right",
    "permi",
    "privileg",
    "policy",
    "policies",
    "role",
    "scope",
    "access",
    "forbidden",
    "authori",
    "not allowed",
    "denied",
];

/// Whom to ask for which right, when this was refused.
pub(super) fn right_to_ask_for(Subject { object, act }: Subject) -> &'static str {
    let reads = matches!(act, Act::List | Act::View | Act::Progress);
    match object {
        Object::Campaign if reads => {
            "Ask the administrator of the account for the right to see update campaigns."
        }
        Object::Campaign => {
            "Ask the administrator of the account for the right to manage update campaigns."
        }
        Object::Device | Object::SavedQuery | Object::Event if reads => {
            "Ask the administrator of the account for the right to see devices."
        }
        Object::Group | Object::GroupMember if reads => {
            "Ask the administrator of the account for the right to see device groups."
        }
        Object::Device | Object::SavedQuery | Object::Event => {
            "Ask the administrator of the account for the right to manage devices."
        }
        Object::Group | Object::GroupMember => {
            "Ask the administrator of the account for the right to manage device groups."
        }
        Object::UploadJob
        | Object::Chunk
        | Object::FirmwareImage
        | Object::Manifest
        | Object::Other => "Ask the administrator of the account for the right to manage firmware.",
    }
}
