//! What a request is about and what it was to do, read from its verb and path.

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Object {
    UploadJob,
    /// A chunk of an upload job: either may be missing.
    Chunk,
    FirmwareImage,
    Manifest,
    Campaign,
    Device,
    SavedQuery,
    Group,
    /// A device of a group: either may be missing.
    GroupMember,
    Event,
    Other,
}

/// What it was to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    List,
    View,
    Create,
    Change,
    Delete,
    Start,
    Stop,
    Archive,
    /// Progress of a campaign: numbers, events, devices.
    Progress,
}

/// Both together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) object: Object,
    pub(super) act: Act,
}

impl Subject {
    /// Of a request as errors call it: `POST /v3/update-campaigns/016…/start`.
    pub(super) fn of(request: &str) -> Self {
        let (verb, path) = request.split_once(' ').unwrap_or(("", request));
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let parts = parts.strip_prefix(&["v3"]).unwrap_or(&parts);
        let (object, rest) = match parts {
            ["firmware-images", "upload-jobs", _, "chunks", rest @ ..] if !rest.is_empty() => {
                (Object::Chunk, rest)
            }
            ["firmware-images", "upload-jobs", rest @ ..] => (Object::UploadJob, rest),
            ["firmware-images", rest @ ..] => (Object::FirmwareImage, rest),
            ["firmware-manifests", rest @ ..] => (Object::Manifest, rest),
            ["update-campaigns", rest @ ..] => (Object::Campaign, rest),
            ["devices", rest @ ..] => (Object::Device, rest),
            ["device-queries", rest @ ..] => (Object::SavedQuery, rest),
            ["device-groups", _, "devices", "add" | "remove"] => (Object::GroupMember, &[][..]),
            ["device-groups", rest @ ..] => (Object::Group, rest),
            ["device-events", rest @ ..] => (Object::Event, rest),
            _ => (Object::Other, &[][..]),
        };
        let act = match (verb, rest) {
            (_, [_, "start"]) => Act::Start,
            (_, [_, "stop"]) => Act::Stop,
            (_, [_, "archive"]) => Act::Archive,
            ("GET", [_, _, ..]) if object == Object::Campaign => Act::Progress,
            ("GET", []) => Act::List,
            ("POST", _) => Act::Create,
            ("PUT", _) => Act::Change,
            ("DELETE", _) => Act::Delete,
            _ => Act::View,
        };
        Self { object, act }
    }

    /// Whether such a request changes nothing.
    pub(super) fn only_reads(request: &str) -> bool {
        !["POST ", "PUT ", "DELETE "]
            .iter()
            .any(|verb| request.starts_with(verb))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_tells_what_it_is_about_and_what_it_was_to_do() {
        for (request, object, act) in [
            (
                "POST /v3/firmware-images/upload-jobs",
                Object::UploadJob,
                Act::Create,
            ),
            (
                "GET /v3/firmware-images/upload-jobs/a/chunks/1",
                Object::Chunk,
                Act::View,
            ),
            (
                "POST /v3/firmware-images/upload-jobs/a/chunks",
                Object::UploadJob,
                Act::Create,
            ),
            (
                "GET /v3/firmware-images/a",
                Object::FirmwareImage,
                Act::View,
            ),
            ("GET /v3/update-campaigns", Object::Campaign, Act::List),
            ("POST /v3/update-campaigns", Object::Campaign, Act::Create),
            ("PUT /v3/update-campaigns/a", Object::Campaign, Act::Change),
            (
                "DELETE /v3/update-campaigns/a",
                Object::Campaign,
                Act::Delete,
            ),
            (
                "POST /v3/update-campaigns/a/start",
                Object::Campaign,
                Act::Start,
            ),
            (
                "GET /v3/update-campaigns/a/statistics",
                Object::Campaign,
                Act::Progress,
            ),
            (
                "POST /v3/device-groups/a/devices/add",
                Object::GroupMember,
                Act::Create,
            ),
            ("GET /v3/device-groups/a/devices", Object::Group, Act::View),
            ("connection test", Object::Other, Act::View),
        ] {
            assert_eq!(Subject::of(request), Subject { object, act }, "{request}");
        }
        assert!(Subject::only_reads("GET /v3/devices") && !Subject::only_reads("PUT /v3/x"));
    }
}
