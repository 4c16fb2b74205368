//! Where a folder from `tracks.toml` lies.

use std::path::{Component, Path, PathBuf};

/// `directory`, absolute or relative to `ground` with at most one `..` at its beginning, as a path without any.
pub fn folder(ground: &Path, directory: &Path) -> PathBuf {
    let mut folder = ground.to_owned();
    for part in directory.components() {
        match part {
            Component::ParentDir => drop(folder.pop()),
            Component::CurDir => {}
            part => folder.push(part),
        }
    }
    folder
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::folder;

    #[test]
    fn folders_are_plain_paths() {
        let table = [("worktrees/a", "/r/shop/worktrees/a"), ("../shop.a", "/r/shop.a"), ("/srv/a", "/srv/a")];
        for (directory, expected) in table {
            assert_eq!(folder(Path::new("/r/shop"), Path::new(directory)), Path::new(expected));
        }
    }
}
