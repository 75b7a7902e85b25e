//! Whether a path stays below the folder that stands for the system.

use std::path::Path;

use crate::{DoctorFault, Root};

/// Refuses a path on whose way a link leads out of the root. The file itself may be a link: none is followed.
pub(super) fn within(root: &Root, path: &str) -> Result<(), DoctorFault> {
    let folder = Path::new(path).parent().and_then(Path::to_str);
    if folder.is_some_and(|folder| root.leads_out(folder)) {
        return Err(DoctorFault::LeadsOut {
            path: path.to_owned(),
        });
    }
    Ok(())
}
