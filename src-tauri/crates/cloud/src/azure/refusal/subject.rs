//! What a request is about, read from its path.

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// All updates, or the import of one.
    Updates,
    Update,
    File,
    UpdateOperation,
    Deployment,
    Group,
    Subgroup,
    Device,
    DeviceClass,
    LogCollection,
    DeviceOperation,
    /// A list of management, or a number.
    Management,
}

impl Subject {
    /// Of verb and path.
    pub(super) fn of(request: &str) -> Self {
        let path = request.split(' ').nth(1).unwrap_or_default();
        let lower = path.to_ascii_lowercase();
        let mut parts = lower
            .split('/')
            .filter(|part| !part.is_empty())
            .skip(2)
            .peekable();
        if parts.peek() == Some(&"v2") {
            parts.next();
        }
        let parts: Vec<&str> = parts.collect();
        match parts.as_slice() {
            ["updates", "operations", _] => Self::UpdateOperation,
            [
                "updates",
                "providers",
                _,
                "names",
                _,
                "versions",
                _,
                "files",
                _,
            ] => Self::File,
            ["updates", "providers", _, "names", _, "versions", _, ..] => Self::Update,
            ["management", "groups", _, "deployments", _, ..]
            | [
                "management",
                "groups",
                _,
                "deviceclasssubgroups",
                _,
                "deployments",
                _,
                ..,
            ] => Self::Deployment,
            ["management", "groups", _, "deviceclasssubgroups", _, ..] => Self::Subgroup,
            ["management", "groups", _, ..] => Self::Group,
            ["management", "devices", _, ..] => Self::Device,
            ["management", "deviceclasses", _, ..] => Self::DeviceClass,
            ["management", "devicediagnostics", "logcollections", _, ..] => Self::LogCollection,
            ["management", "operations", _] => Self::DeviceOperation,
            ["management", ..] | ["limits"] => Self::Management,
            _ => Self::Updates,
        }
    }

    /// What it is called.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Updates | Self::Update => "update",
            Self::File => "file",
            Self::UpdateOperation | Self::DeviceOperation => "operation",
            Self::Deployment => "deployment",
            Self::Group => "group",
            Self::Subgroup => "subgroup",
            Self::Device | Self::Management => "device",
            Self::DeviceClass => "device class",
            Self::LogCollection => "log collection",
        }
    }

    /// Whether every instance has it.
    pub(super) fn is_always_there(self) -> bool {
        matches!(self, Self::Updates | Self::Management)
    }

    fn is_content(self) -> bool {
        matches!(
            self,
            Self::Updates | Self::Update | Self::File | Self::UpdateOperation
        )
    }

    /// The role that allows it. Access control page of the service.
    pub(super) fn role(self, only_reads: bool) -> &'static str {
        match (self.is_content(), only_reads) {
            (true, false) => "Device Update Content Administrator",
            (true, true) => "Device Update Content Reader",
            (false, false) => "Device Update Deployments Administrator",
            (false, true) => "Device Update Deployments Reader",
        }
    }

    /// Why it may have been asked too often. Limits page of the service, per instance and minute.
    pub(super) fn rate(self) -> &'static str {
        match self {
            Self::Deployment => {
                "The service takes a limited number of these requests a minute: 6 to create or delete a deployment."
            }
            Self::Updates | Self::Update => {
                "The service takes a limited number of requests a minute, and carries out at most 10 imports and deletions at a time."
            }
            _ => "The service takes a limited number of these requests a minute.",
        }
    }

    /// What is as it was after a refusal.
    pub(super) fn unchanged(self) -> &'static str {
        match self {
            Self::Updates => "Nothing was imported.",
            Self::Update | Self::File | Self::UpdateOperation => "The update is as it was.",
            Self::Deployment => {
                "The deployment is as it was; no device was touched by this request."
            }
            Self::Group | Self::Subgroup => "The group is as it was.",
            Self::Device | Self::DeviceClass | Self::Management => "The devices are as they were.",
            Self::LogCollection | Self::DeviceOperation => "No logs were asked for.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_any_generation_says_what_it_is_about() {
        for (path, subject) in [
            ("/deviceUpdate/blue/updates:import", Subject::Updates),
            ("/deviceupdate/blue/v2/updates", Subject::Updates),
            (
                "/deviceupdate/blue/v2/updates/operations/a",
                Subject::UpdateOperation,
            ),
            ("/deviceUpdate/blue/updates/operations", Subject::Updates),
            (
                "/deviceUpdate/b/updates/providers/p/names/n/versions/1.0",
                Subject::Update,
            ),
            (
                "/deviceUpdate/b/updates/providers/p/names/n/versions/1.0/files/f",
                Subject::File,
            ),
            ("/deviceUpdate/b/management/groups", Subject::Management),
            ("/deviceUpdate/b/management/groups/g", Subject::Group),
            (
                "/deviceUpdate/b/management/groups/g/deployments/d/status",
                Subject::Deployment,
            ),
            (
                "/deviceUpdate/b/management/groups/g/deviceClassSubgroups/c/deployments/d:cancel",
                Subject::Deployment,
            ),
            (
                "/deviceupdate/b/management/deviceclasses/c",
                Subject::DeviceClass,
            ),
            ("/", Subject::Updates),
        ] {
            assert_eq!(Subject::of(&format!("GET {path}")), subject, "{path}");
        }
    }
}
