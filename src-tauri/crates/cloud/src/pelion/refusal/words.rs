//! What a refused request leaves behind.

use super::{Act, Object, Refusal, Subject};

impl Refusal {
    /// What the service holds now, as far as its answer tells.
    pub(super) fn state_now(&self) -> String {
        if Subject::only_reads(&self.request) {
            return "Nothing was changed.".to_owned();
        }
        if matches!(self.status, 408 | 500..=599) {
            return "Whether the service acted on the request is not known. Look before asking again.".to_owned();
        }
        let Subject { object, act } = Subject::of(&self.request);
        let what = match (object, act) {
            (Object::Campaign, Act::Start) => "No device was touched; the campaign is as it was.",
            (Object::Campaign, Act::Create) => "No campaign was created.",
            (Object::Campaign, _) => "The campaign is as it was.",
            (Object::Manifest, Act::Create) => "No firmware manifest was stored.",
            (Object::Manifest, _) => "The firmware manifest is as it was.",
            (Object::SavedQuery, Act::Create) => "No query was saved.",
            (Object::Group, Act::Create) => "No group was created.",
            (Object::GroupMember, _) => "The group is as it was.",
            _ => "Nothing was changed.",
        };
        what.to_owned()
    }
}
