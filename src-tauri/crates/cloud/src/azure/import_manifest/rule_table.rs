//! Every rule: id, weight, reason, remedy. How a rule is checked is in `rules`.
//!
//! Sources, where a line names none: Microsoft's published JSON Schema of import manifests 5.0 and
//! 4.0, and the article "import schema" of its documentation.

use super::finding::Severity;

macro_rules! rules {
    ($($name:ident = $id:literal, $severity:ident, $why:literal, $remedy:literal;)*) => {
        /// A rule of import manifests, by its stable id.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = $why] $name,)*
        }

        impl Rule {
            /// Every rule there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its stable id.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// How much a finding of it weighs.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// Why it is a rule.
            pub const fn why(self) -> &'static str {
                match self { $(Self::$name => $why,)* }
            }

            /// What helps.
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy,)* }
            }
        }
    };
}

rules! {
    // The text.
    Json = "json", Error, "An import manifest is one JSON object in UTF-8.", "Correct the file, or make a new one.";
    ByteOrderMark = "byte-order-mark", Warning, "Some readers of JSON refuse a text that begins with a byte order mark. Windows PowerShell writes one.", "Save the file as UTF-8 without it.";
    RepeatedKey = "repeated-key", Error, "Which of the two values counts is left open by JSON.", "Remove one of them.";
    WrongType = "wrong-type", Error, "The schema allows one type of value here.", "Write the value in the type that the schema asks for.";
    Required = "required", Error, "The schema requires it.", "Add it.";
    UnknownKey = "unknown-key", Error, "The schema allows no other keys in this object.", "Remove it.";
    UnknownRootKey = "unknown-root-key", Warning, "The documentation allows no other keys, the schema does. The service may refuse it.", "Remove it, unless it is known to be accepted.";

    // The manifest as a whole.
    ManifestVersion = "manifest-version", Error, "The service knows the versions 2.0, 3.0, 4.0 and 5.0.", "Write \"5.0\", or \"4.0\".";
    VersionOfApi = "version-of-api", Error, "Each version of the service's API takes certain versions of the manifest.", "Make the manifest anew for this account, or choose another API version.";
    ManifestFileName = "manifest-file-name", Warning, "Azure's portal lists only files whose names end so.", "Rename the file to end in .importmanifest.json.";
    IdLength = "id-length", Error, "Provider and name have 1 to 64 characters.", "Enter one of that length.";
    IdCharacters = "id-characters", Error, "Provider and name consist of letters A to Z and a to z, digits, dots and dashes.", "Use other characters only in the description.";
    VersionFormat = "version-format", Error, "A version consists of numbers with dots between.", "Write it like 1.0 or 2026.11.8.";
    VersionParts = "version-parts", Error, "A version has two to four numbers.", "Write it like 1.0 or 1.2.3.4.";
    VersionRange = "version-range", Error, "Each number of a version is at most 2147483647.", "Use smaller numbers.";
    VersionZeros = "version-zeros", Warning, "The service drops leading zeros: 01.0 and 1.0 are one update.", "Write the numbers without them.";
    DescriptionLength = "description-length", Error, "A description has 1 to 512 characters.", "Shorten it, or leave it out.";
    CreatedMoment = "created-moment", Error, "The moment of creation is written as ISO 8601.", "Write it like 2026-01-19T06:23:52Z.";

    // Compatibility.
    CompatibilityCount = "compatibility-count", Error, "An update names 1 to 10 sets of device properties.", "Name each kind of device once.";
    CompatibilityProperties = "compatibility-properties", Error, "A set of device properties has 1 to 5 of them.", "Name only those that tell the devices apart.";
    CompatibilityName = "compatibility-name", Error, "The name of a device property has 1 to 32 characters.", "Use the name that the devices report.";
    CompatibilityValue = "compatibility-value", Error, "The value of a device property has 1 to 64 characters.", "Use the value that the devices report.";
    CompatibilitySpaces = "compatibility-spaces", Warning, "Devices report their properties without it, and a set that does not equal what they report is imported and then matches no device.", "Remove the space.";
    CompatibilityRepeated = "compatibility-repeated", Warning, "The same set is there twice.", "Remove one of them.";
    CompatibilityFamily = "compatibility-family", Warning, "Devices report manufacturer and model (agents since 1.0) or deviceManufacturer and deviceModel (older ones). A set that does not equal what they report is imported and then matches no device.", "Use the names that the devices report.";
    CompatibilityTaken = "compatibility-taken", Warning, "One set of device properties belongs to one provider and name: the service refuses it for another.", "Use the provider and name of that update, or another set.";

    // Steps.
    StepCount = "step-count", Error, "An update has 1 to 10 steps.", "Join steps, or move some into a child update.";
    StepType = "step-type", Error, "A step is \"inline\" or \"reference\".", "Write one of the two.";
    StepDescription = "step-description", Error, "The description of a step has 1 to 64 characters.", "Shorten it, or leave it out.";
    HandlerLength = "handler-length", Error, "A handler's id has 5 to 32 characters.", "Use the id under which the handler is registered on the device.";
    HandlerFormat = "handler-format", Error, "A handler's id is written PROVIDER/NAME:NUMBER, with 1 to 5 digits.", "Write it like microsoft/script:1.";
    HandlerUnknown = "handler-unknown", Warning, "Azure's command line refuses ids under microsoft/ that it does not know, and most devices do not have such a handler.", "Check the spelling.";
    HandlerInternal = "handler-internal", Error, "The agent on the device uses this handler itself; it is no handler of a step.", "Use the handler that installs the files.";
    HandlerFiles = "handler-files", Error, "This handler takes exactly one file in a step; with more it fails on the device.", "Use a step for each file.";
    StepFileCount = "step-file-count", Error, "A step names 1 to 10 files.", "Add a file, or split the step.";
    StepFileName = "step-file-name", Error, "The name of a file has 1 to 255 characters.", "Name a file of the list \"files\".";
    StepFileMissing = "step-file-missing", Error, "A step can only use files of the list \"files\".", "Add the file to the list, or correct the name.";
    StepFileRepeated = "step-file-repeated", Warning, "The step names the same file twice.", "Remove one of them.";
    InstalledCriteria = "installed-criteria", Error, "The device decides with it whether the update is installed. Without it the import succeeds, and the installation fails on the device.", "Add it: for an APT package NAME-VERSION, for an image its version.";
    ScriptFile = "script-file", Error, "The handler runs the script of this name among the files of its step. Without it the installation fails on the device.", "Name one of the step's files.";
    SwuFile = "swu-file", Error, "The handler installs the file of this name among the files of its step.", "Name one of the step's files.";
    HandlerApiVersion = "handler-api-version", Error, "The handler knows \"\", \"1.0\" and \"1.1\".", "Write one of them, or leave it out.";
    HandlerPropertyType = "handler-property-type", Error, "The handler reads this property as a text.", "Write it as one text.";
    ReferenceSelf = "reference-self", Error, "An update cannot install itself.", "Reference another update.";
    ReferenceRepeated = "reference-repeated", Warning, "The same update is referenced twice.", "Remove one of the steps.";

    // Files.
    FileCount = "file-count", Error, "An update has at most 10 files.", "Join files, or move some into a child update.";
    FilesNeeded = "files-needed", Error, "Only an update whose steps are all references has no files.", "Add the files.";
    FilesMany = "files-many", Warning, "The API's own description allows five files for an update, its limits page ten.", "Use fewer files, if the import is refused.";
    FileNameLength = "file-name-length", Error, "The name of a file has 1 to 255 characters.", "Rename the file.";
    FileNamePath = "file-name-path", Error, "The name of a file has no folder, none of / \\ : and no control character.", "Write only the name, or rename the file.";
    FileNameUnique = "file-name-unique", Error, "The names of all files differ, also when large and small letters are taken for equal.", "Rename one of the files.";
    FileNameCharacters = "file-name-characters", Warning, "Names with spaces and characters outside of ASCII are escaped on the way, and some agents and scripts do not undo it.", "Rename the file with letters, digits, dots, dashes and underscores.";
    FileSize = "file-size", Error, "A file has 1 to 2147483648 bytes, as a whole number.", "Compute the size from the file anew.";
    FileSizeSum = "file-size-sum", Error, "The files of one import have a limit together: 2 GiB, unless support raised it.", "Split the update, or raise the limit here if the service's was raised.";
    HashCount = "hash-count", Error, "A file has SHA-256 and at most one other hash.", "Remove the others.";
    HashEncoding = "hash-encoding", Error, "SHA-256 is written as base64 of its 32 bytes: 44 characters that end in one =.", "Compute the hashes from the files anew.";
    FileUnused = "file-unused", Error, "Each file is used by a step.", "Add it to a step, or remove it.";
    RelatedCount = "related-count", Error, "A file has at most 4 related files.", "Remove some.";
    DownloadHandlerNeeded = "download-handler-needed", Error, "Related files are used by a download handler.", "Add downloadHandler, for delta updates microsoft/delta:1.";
    RelatedNeeded = "related-needed", Error, "A download handler makes the file from its related files.", "Add relatedFiles, or remove downloadHandler.";
    DownloadHandlerUnknown = "download-handler-unknown", Warning, "Under microsoft/ only microsoft/delta:1 is known.", "Check the spelling.";
    DeltaSource = "delta-source", Error, "The handler of delta updates finds the image that a delta starts from by this property. Source: article \"delta updates\".", "Add microsoft.sourceFileHash and microsoft.sourceFileHashAlgorithm.";
    DeltaSourceHash = "delta-source-hash", Warning, "The agent looks for the image that a delta starts from by this hash. When it finds none, it downloads the whole file.", "Compute the hash of the image that the delta starts from anew.";
    PropertyCount = "property-count", Error, "A file has at most 5 properties. Source: article \"related files\".", "Remove some.";
    PropertyName = "property-name", Error, "The name of a property has 1 to 64 ASCII characters. Source: article \"related files\".", "Shorten it.";
    PropertyValue = "property-value", Error, "The value of a property has at most 256 ASCII characters. Source: article \"related files\".", "Shorten it.";

    // Manifests 2.0 and 3.0.
    UpdateType = "update-type", Error, "Manifests 2.0 and 3.0 have one handler for the whole update, written PROVIDER/NAME:NUMBER.", "Write microsoft/swupdate:1 or microsoft/apt:1.";

    // The manifest against its files.
    FileNotThere = "file-not-there", Error, "Every file that a manifest names is sent with it.", "Put the file beside the manifest.";
    FileSizeDiffers = "file-size-differs", Error, "The service compares the size, and refuses the file.", "Renew sizes and hashes with `adu update-hashes`.";
    FileHashDiffers = "file-hash-differs", Error, "The service compares the hash, and refuses the file.", "Renew sizes and hashes with `adu update-hashes`.";
    FileExtra = "file-extra", Error, "Only files that the manifest names can be imported with it.", "Leave the file out, or add it to the manifest.";

    // Several manifests of one import.
    ItemCount = "item-count", Error, "One import has at most 11 manifests: a parent and a child for each of its 10 steps.", "Import the children first.";
    ParentCount = "parent-count", Error, "One import has one update, or one parent and the children that it references.", "Import unrelated updates one by one.";
    Orphan = "orphan", Error, "Every other update of an import is referenced by the parent.", "Add a reference step to the parent, or import it by itself.";
    IdentityRepeated = "identity-repeated", Error, "Each update of an import has an identity of its own.", "Change the name or the version.";
    ReferenceAbsent = "reference-absent", Error, "A referenced update is imported together with its parent, or before it.", "Add the child's manifest to the import.";
    ReferenceUnchecked = "reference-unchecked", Warning, "A referenced update is imported together with its parent, or before it; whether it was is not known here.", "Give the child's manifest too, or make sure that it is imported.";
    ChildReferences = "child-references", Error, "A child has no children: references are one level deep.", "Move the reference into the parent.";
    ChildDeployable = "child-deployable", Error, "A child is installed through its parent only; isDeployable is true when it is left out.", "Write \"isDeployable\": false in the child.";

    // What the service holds.
    AlreadyImported = "already-imported", Error, "An identity is imported once; an update that is there is not changed.", "Raise the version, or delete the update that is there.";
    QuotaNearlyFull = "quota-nearly-full", Warning, "An instance holds a limited number of providers, names, versions and updates.", "Delete updates that are no longer needed.";
}
