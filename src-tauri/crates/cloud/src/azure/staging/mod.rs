//! Files of an update in blob storage, where the service reads them: blocks, resume, signed
//! addresses, clean-up.
