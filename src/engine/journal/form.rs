//! How ids, paths and contents are written as text: paths and contents that are not UTF-8 in C style between quotes, as
//! Git quotes paths.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::git::quote::{quoted, unquoted};

fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.starts_with('"') => text.to_owned(),
        _ => String::from_utf8_lossy(&quoted(bytes)).into_owned(),
    }
}

fn read<E: serde::de::Error>(text: String) -> Result<Vec<u8>, E> {
    match text.starts_with('"') {
        true => unquoted(text.as_bytes()).ok_or_else(|| E::custom("it is not quoted as it should be")),
        false => Ok(text.into_bytes()),
    }
}

fn path_text(path: &Path) -> String {
    text(path.as_os_str().as_bytes())
}

fn read_path<E: serde::de::Error>(text: String) -> Result<PathBuf, E> {
    Ok(PathBuf::from(OsString::from_vec(read(text)?)))
}

/// A commit, or none.
pub mod id {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use crate::model::CommitId;

    pub fn serialize<S: Serializer>(id: &Option<CommitId>, to: S) -> Result<S::Ok, S::Error> {
        id.map(|id| id.to_string()).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<CommitId>, D::Error> {
        let hex = Option::<String>::deserialize(from)?;
        let read = |hex: String| CommitId::from_hex(hex.as_bytes()).ok_or_else(|| D::Error::custom("it is no id"));
        hex.map(read).transpose()
    }
}

/// A commit.
pub mod commit {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::model::CommitId;

    pub fn serialize<S: Serializer>(id: &CommitId, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(id)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<CommitId, D::Error> {
        let hex = String::deserialize(from)?;
        CommitId::from_hex(hex.as_bytes()).ok_or_else(|| D::Error::custom("it is no id"))
    }
}

/// A path.
pub mod path {
    use std::path::{Path, PathBuf};

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::path_text(path))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        super::read_path(String::deserialize(from)?)
    }
}

/// Paths.
pub mod paths {
    use std::path::PathBuf;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(paths: &[PathBuf], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(paths.iter().map(|path| super::path_text(path)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<PathBuf>, D::Error> {
        Vec::<String>::deserialize(from)?.into_iter().map(super::read_path).collect()
    }
}

/// The content of a file, or none.
pub mod bytes {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, to: S) -> Result<S::Ok, S::Error> {
        bytes.as_deref().map(super::text).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<u8>>, D::Error> {
        Option::<String>::deserialize(from)?.map(super::read).transpose()
    }
}
