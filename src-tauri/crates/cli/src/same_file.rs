//! Whether two paths lead to one file, also to one that is not there yet. Nothing is opened.

use std::path::Path;

/// Whether two paths lead to one folder or file. Of one that is not there yet, its folder and name count.
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    if one == other {
        return true;
    }
    let whole = |path: &Path| {
        let path = Path::new(".").join(path);
        std::fs::canonicalize(&path).ok().or_else(|| {
            let folder = std::fs::canonicalize(path.parent()?).ok()?;
            Some(folder.join(path.file_name()?))
        })
    };
    whole(one).is_some_and(|one| whole(other) == Some(one))
}
