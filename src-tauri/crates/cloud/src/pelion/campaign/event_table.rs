//! Codes of device events: the facts. No code.
//!
//! Sources: the lists of codes and their categories are those of the public contract of January 2021;
//! `UPD4_FAIL` numbers are results of the device's update client (200 and more) and of its newer
//! version (21 to 44); `UPD2` is the registered `LwM2M` object 10252, `UPD1` the `LwM2M` object 5, whose
//! numbers agree with the contract's list. The words are our own.

use super::EventCategory::{self, Fail, Info, Skipped, Success};

/// Number, meaning, what to do.
pub(super) type Row = (u16, &'static str, &'static str);

const NET: &str =
    "Check the device's connection, then start a new campaign for the failed devices.";
const URL: &str = "Check that the address in the manifest is the firmware image's own and can be reached by the device.";
const KEY: &str = "Sign the manifest with the key whose certificate the device holds.";
const IDS: &str = "Compare vendor and class ids of the manifest with those of the device.";
const IMG: &str = "Compare size and SHA-256 in the manifest with the firmware image, and upload the image again when they differ.";
const SCH: &str = "Make the manifest in the schema that the device's client reads: version 1 for the older, version 3 for the newer.";
const MAN: &str =
    "Make and sign the manifest again, and compare it with what the device's client accepts.";
const VER: &str = "Give the manifest a greater version than the device runs.";
const DEP: &str = "Deliver first what the manifest depends on.";
const DLT: &str =
    "Make the delta from the image that the device really runs, or deliver the full image.";
const ROOM: &str = "Free storage or memory on the device, or deliver a smaller image.";
const STORE: &str = "Check the device's storage; when it fails again, the device needs service.";
const APP: &str = "The device's own application refused; look into its log.";
const USER: &str = "The device's own application defines this code; look into its documentation.";
const AGAIN: &str =
    "Start a new campaign for the failed devices; when it fails again, look into the device's log.";
const BUSY: &str = "Wait until the device has finished its other update.";
const COMP: &str = "Name a component in the manifest that the device has.";
const VDATA: &str = "Leave vendor data out of the manifest, or shorten it.";

/// Codes of the service itself, with the way of ending each counts for.
pub(super) const SYSTEM: &[(u16, EventCategory)] = &[
    (100, Info),
    (101, Fail),
    (103, Fail),
    (104, Fail),
    (105, Info),
    (106, Info),
    (107, Info),
    (108, Info),
    (110, Skipped),
    (111, Fail),
    (112, Success),
    (113, Info),
    (114, Info),
    (115, Info),
    (116, Info),
    (117, Skipped),
    (118, Skipped),
    (120, Info),
    (121, Skipped),
    (122, Skipped),
    (123, Fail),
    (124, Fail),
    (125, Info),
];

/// States of the `LwM2M` object 5.
pub(super) const OBJECT_5_STATES: &[&str] = &[
    "The device is idle.",
    "The device downloads.",
    "The device has downloaded.",
    "The device installs.",
];

/// States of the `LwM2M` object 10252.
pub(super) const OBJECT_10252_STATES: &[&str] = &[
    "The device's update client has not begun.",
    "The device is idle.",
    "The device processes the manifest.",
    "The device waits for its application to allow the download.",
    "The device downloads.",
    "The device has downloaded.",
    "The device waits for its application to allow the installation.",
    "The device installs.",
    "The device restarts.",
];

/// Results of the `LwM2M` object 5.
pub(super) const OBJECT_5_FAILURES: &[Row] = &[
    (2, "The device has not enough storage for the image.", ROOM),
    (3, "The device had no memory for the download.", ROOM),
    (4, "The connection broke while the device downloaded.", NET),
    (5, "The image arrived damaged.", IMG),
    (6, "The device does not support this kind of image.", MAN),
    (7, "The address of the image is not accepted.", URL),
    (8, "The update failed on the device.", AGAIN),
    (
        9,
        "The device does not support this way of downloading.",
        URL,
    ),
];

/// Results of the `LwM2M` object 10252.
pub(super) const OBJECT_10252_FAILURES: &[Row] = &[
    (2, "The manifest did not arrive in time.", NET),
    (3, "The manifest was not found at its address.", URL),
    (4, "The manifest is damaged.", MAN),
    (5, "The manifest does not apply to this device.", IDS),
    (
        6,
        "The device does not hold the certificate of the manifest's key.",
        KEY,
    ),
    (
        7,
        "The signature of the manifest is not accepted by the device.",
        KEY,
    ),
    (8, "Something that the manifest depends on is missing.", DEP),
    (9, "The device has not enough storage for the image.", ROOM),
    (10, "The device had no memory for the download.", ROOM),
    (11, "The connection broke while the device downloaded.", NET),
    (12, "The image arrived damaged.", IMG),
    (
        13,
        "The device does not support this kind of image, or the ids are of another device.",
        IDS,
    ),
    (14, "The address in the manifest is not accepted.", URL),
    (15, "The download took too long.", NET),
    (16, "The device does not support this format of delta.", DLT),
    (
        17,
        "The device does not support this way of encrypting.",
        MAN,
    ),
];

/// Results of the device's update client.
pub(super) const UPD4_FAILURES: &[Row] = &[
    (
        21,
        "The address in the manifest is too long for the device.",
        URL,
    ),
    (22, "The device cannot read the manifest.", MAN),
    (
        23,
        "The signature of the manifest is not accepted by the device.",
        KEY,
    ),
    (24, "The connection broke while the device downloaded.", NET),
    (25, "The device does not support the payload's format.", MAN),
    (26, "The payload is not what the manifest promises.", IMG),
    (
        27,
        "The version is not greater than the one the device runs.",
        VER,
    ),
    (28, "The device does not read this manifest schema.", SCH),
    (
        29,
        "The vendor data in the manifest is too long for the device.",
        VDATA,
    ),
    (30, "The manifest is for another vendor.", IDS),
    (31, "The manifest is for another device class.", IDS),
    (
        32,
        "The delta does not start from the image that the device runs.",
        DLT,
    ),
    (33, "The device has not enough storage for the image.", ROOM),
    (34, "The device has not enough memory.", ROOM),
    (35, "The device could not write to its storage.", STORE),
    (36, "The device could not read its storage.", STORE),
    (
        37,
        "The device's application did not allow the installation.",
        APP,
    ),
    (
        38,
        "The device's application did not allow the download.",
        APP,
    ),
    (
        39,
        "The manifest is for a component that the device does not have.",
        COMP,
    ),
    (40, "The installation failed on the device.", AGAIN),
    (41, "The device's update client failed.", AGAIN),
    (42, "The device could not apply the delta.", DLT),
    (43, "The device's cryptography failed.", AGAIN),
    (
        44,
        "The device did not find the image in its storage.",
        STORE,
    ),
    (101, "The network failed.", NET),
    (102, "The payload is not accepted.", IMG),
    (103, "The device's system failed.", AGAIN),
    (
        200,
        "The device refused the manifest without saying why.",
        MAN,
    ),
    (
        201,
        "The network failed while the device fetched the manifest.",
        NET,
    ),
    (202, "The manifest did not arrive in time.", NET),
    (203, "The device could not connect for the manifest.", NET),
    (204, "The device does not know the host's name.", URL),
    (
        205,
        "The connection broke while the device fetched the manifest.",
        NET,
    ),
    (206, "The manifest was not found.", URL),
    (207, "The manifest is damaged.", MAN),
    (
        208,
        "The device does not hold the certificate of the manifest's key.",
        KEY,
    ),
    (209, "The certificate on the device is not accepted.", KEY),
    (
        210,
        "The signature of the manifest is not accepted by the device.",
        KEY,
    ),
    (
        211,
        "Something that the manifest depends on is missing.",
        DEP,
    ),
    (
        212,
        "The device is still processing another manifest.",
        BUSY,
    ),
    (213, "The device has this already.", VER),
    (
        214,
        "The device does not read this version of manifest.",
        SCH,
    ),
    (215, "The manifest is for another vendor.", IDS),
    (216, "The manifest is for another device class.", IDS),
    (217, "The size of the manifest is not accepted.", MAN),
    (218, "The format of the manifest is not accepted.", SCH),
    (
        219,
        "The manifest's way of signing or encrypting is not accepted.",
        MAN,
    ),
    (220, "A field is missing in the manifest.", MAN),
    (221, "The device does not go back to an older version.", VER),
    (222, "Something is missing that the manifest names.", MAN),
    (223, "The key table is missing or wrong.", KEY),
    (224, "The key table could not be read.", KEY),
    (225, "The device could not store the manifest.", STORE),
    (226, "The device had no memory for the manifest.", ROOM),
    (227, "The device could not write the manifest.", STORE),
    (228, "The manifest is for another device.", IDS),
    (
        229,
        "The delta does not start from the image that the device runs.",
        DLT,
    ),
    (
        230,
        "The device has nothing that could process this payload.",
        MAN,
    ),
    (
        300,
        "The device could not get the image, and does not say why.",
        NET,
    ),
    (301, "The network failed while the device downloaded.", NET),
    (302, "The device found no way to the host.", NET),
    (303, "The download took too long.", NET),
    (304, "The device could not connect for the download.", NET),
    (305, "The device does not know the host's name.", URL),
    (
        306,
        "The connection broke while the device downloaded.",
        NET,
    ),
    (307, "The address in the manifest is not accepted.", URL),
    (308, "The host refused the device's way of asking.", URL),
    (309, "The image arrived damaged.", IMG),
    (
        310,
        "The download failed with the application's own code.",
        USER,
    ),
    (
        311,
        "The download failed with the application's own code.",
        USER,
    ),
    (
        312,
        "The download failed with the application's own code.",
        USER,
    ),
    (
        313,
        "The download failed with the application's own code.",
        USER,
    ),
    (
        314,
        "The download failed with the application's own code.",
        USER,
    ),
    (
        315,
        "The device's application did not allow the download.",
        APP,
    ),
    (
        316,
        "The device's application could not be asked for the download.",
        APP,
    ),
    (
        400,
        "The device could not process the image, and does not say why.",
        AGAIN,
    ),
    (
        401,
        "Processing failed with the application's own code.",
        USER,
    ),
    (
        402,
        "Processing failed with the application's own code.",
        USER,
    ),
    (
        403,
        "Processing failed with the application's own code.",
        USER,
    ),
    (
        404,
        "Processing failed with the application's own code.",
        USER,
    ),
    (
        405,
        "Processing failed with the application's own code.",
        USER,
    ),
    (406, "The image is damaged after processing.", IMG),
    (407, "The image could not be read.", IMG),
    (
        408,
        "The device could not store the processed image.",
        STORE,
    ),
    (409, "The device had no memory to process the image.", ROOM),
    (
        500,
        "The installation failed, and the device does not say why.",
        AGAIN,
    ),
    (501, "The storage failed during the installation.", STORE),
    (502, "The device had no memory for the installation.", ROOM),
    (503, "The device could not write the image.", STORE),
    (504, "The hash of the installed image is wrong.", IMG),
    (
        505,
        "The device could not change over to the new image.",
        AGAIN,
    ),
    (
        506,
        "The installation failed with the application's own code.",
        USER,
    ),
    (
        507,
        "The installation failed with the application's own code.",
        USER,
    ),
    (
        508,
        "The installation failed with the application's own code.",
        USER,
    ),
    (
        509,
        "The installation failed with the application's own code.",
        USER,
    ),
    (
        510,
        "The installation failed with the application's own code.",
        USER,
    ),
    (
        511,
        "The device's application did not allow the installation.",
        APP,
    ),
    (
        512,
        "The device's application could not be asked for the installation.",
        APP,
    ),
];
