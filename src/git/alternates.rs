//! Where else a repository has its objects.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::Repo;
use super::quote::unquoted;

/// The object folders that `objects/info/alternates` names, as absolute paths; those that they name in turn are left out.
pub fn all(repo: &Repo) -> Vec<PathBuf> {
    let objects = repo.common_dir.join("objects");
    let text = fs::read(objects.join("info/alternates")).unwrap_or_default();
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && !line.starts_with(b"#"));
    let named = lines.map(|line| unquoted(line).unwrap_or_else(|| line.to_vec()));
    named.map(|path| objects.join(PathBuf::from(OsString::from_vec(path)))).collect()
}
