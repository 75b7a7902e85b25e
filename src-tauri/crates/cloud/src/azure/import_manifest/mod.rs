//! Import manifests: what an update is made of, and every rule that can be checked before a byte is
//! sent. Pure: it reads no file and asks nobody.
