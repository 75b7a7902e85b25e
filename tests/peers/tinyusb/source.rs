//! Nothing: the package beside this file only names what is unpacked.
