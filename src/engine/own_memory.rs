//! What tracks changed themselves, remembered: it follows from commits alone, which never change, so that a hook reads a
//! few numbers where it would read the trees of every track. The file can be deleted at any time.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::git::Repo;
use crate::host::files;
use crate::model::hash::fnv1a_of_words;
use crate::model::{BlobId, Change, CommitId, Entry, Mode, RepoPath, TreeId};
use crate::policy::rules::OwnChange;

/// Another form of the file has another name here.
const FORM: &[u8] = b"tracks own changes 2\n";
/// A larger file is not read, and made anew.
const LARGEST: u64 = 64 << 20;

/// Everything that a track's own changes follow from: its tip, the target's, and those of the tracks it depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(Vec<u8>);

impl Key {
    /// The key of these commits.
    pub fn of(tip: CommitId, target: CommitId, depends_on: impl Iterator<Item = CommitId>) -> Key {
        let ids = [tip, target].into_iter().chain(depends_on);
        Key(ids.flat_map(|id| id.as_bytes().to_vec()).collect())
    }
}

/// What is remembered of a track.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// The tree at which it left the target; `None` without common history.
    pub fork: Option<TreeId>,
    /// Its own changes, ordered by path.
    pub changes: Vec<OwnChange>,
}

/// What is remembered.
pub struct OwnMemory {
    file: PathBuf,
    known: HashMap<Key, Own>,
}

/// A key, a fork, and changes.
type Stored<'a> = (&'a [u8], Option<&'a [u8]>, Vec<Row<'a>>);

/// A path, and what the fork point, the track and the target have there.
type Row<'a> = (&'a [u8], Stands<'a>, Stands<'a>, Stands<'a>);

/// A kind and an id.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Stands<'a>(#[serde(borrow)] Option<(u8, &'a [u8])>);

const MODES: [Mode; 4] = [Mode::File, Mode::Executable, Mode::Link, Mode::Submodule];

impl OwnMemory {
    /// Opens it; `None` where history is not what the commits say. A file that is not there or is damaged holds nothing.
    pub fn open(repo: &Repo) -> Result<Option<OwnMemory>> {
        if repo.history_is_edited()? {
            return Ok(None);
        }
        let file = repo.state_dir().join("own-changes");
        let content = files::read(&file, LARGEST).ok().flatten().unwrap_or_default();
        Ok(Some(OwnMemory { file, known: parse(&content).unwrap_or_default() }))
    }

    /// What is known of a track.
    pub fn get(&self, key: &Key) -> Option<&Own> {
        self.known.get(key)
    }

    /// Remembers more, and forgets what no key of now asks for. Where it cannot be written it is found out again.
    pub fn keep(mut self, new: Vec<(Key, Own)>, now: &HashSet<Key>) {
        if new.is_empty() {
            return;
        }
        self.known.retain(|key, _| now.contains(key));
        self.known.extend(new);
        let entry = |(key, own)| stored(key, own);
        let entries: Vec<Stored> = self.known.iter().map(entry).collect();
        let body = postcard::to_stdvec(&entries).expect("ids and paths can always be written");
        let content = [FORM, &fnv1a_of_words(&body).to_le_bytes(), &body].concat();
        let _ = files::write_unsynced(&self.file, &content);
    }
}

fn stored<'a>(key: &'a Key, own: &'a Own) -> Stored<'a> {
    (key.0.as_slice(), own.fork.as_ref().map(TreeId::as_bytes), own.changes.iter().map(row).collect())
}

fn parse(content: &[u8]) -> Option<HashMap<Key, Own>> {
    let (hash, body) = content.strip_prefix(FORM)?.split_first_chunk::<8>()?;
    if u64::from_le_bytes(*hash) != fnv1a_of_words(body) {
        return None;
    }
    let entries: Vec<Stored> = postcard::from_bytes(body).ok()?;
    let entry = |(key, fork, rows): &Stored| {
        let fork = match fork {
            Some(id) => Some(TreeId::from_bytes(id)?),
            None => None,
        };
        let changes = rows.iter().map(change).collect::<Option<Vec<_>>>()?;
        Some((Key(key.to_vec()), Own { fork, changes }))
    };
    entries.iter().map(entry).collect()
}

fn row(change: &OwnChange) -> Row<'_> {
    let Change { path, before, after } = &change.change;
    (path.as_bstr(), stands(before), stands(after), stands(&change.on_target))
}

fn stands(entry: &Option<Entry>) -> Stands<'_> {
    Stands(entry.as_ref().map(|entry| {
        let mode = MODES.iter().position(|mode| *mode == entry.mode).expect("all are listed");
        (u8::try_from(mode).expect("there are four"), entry.id.as_bytes())
    }))
}

fn change((path, before, after, on_target): &Row) -> Option<OwnChange> {
    let entry = |Stands(stands): &Stands| match stands {
        None => Some(None),
        Some((mode, id)) => {
            let mode = *MODES.get(usize::from(*mode))?;
            Some(Some(Entry { mode, id: BlobId::from_bytes(id)? }))
        }
    };
    let change = Change { path: RepoPath::try_new(path)?, before: entry(before)?, after: entry(after)? };
    Some(OwnChange { change, on_target: entry(on_target)?, uncommitted: false })
}

#[cfg(test)]
mod tests {
    use super::{FORM, Key, Own, OwnMemory, parse};
    use crate::model::{BlobId, Change, CommitId, Entry, Mode, RepoPath, TreeId};
    use crate::policy::rules::OwnChange;

    fn entry(mode: Mode, digit: char) -> Option<Entry> {
        Some(Entry { mode, id: BlobId::from_hex(digit.to_string().repeat(40).as_bytes()).expect("an id") })
    }

    #[test]
    fn what_is_kept_comes_back_and_damage_is_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("own");
        let commit = |digit: char| CommitId::from_hex(digit.to_string().repeat(40).as_bytes()).expect("an id");
        let (key, other) =
            (Key::of(commit('1'), commit('2'), [].into_iter()), Key::of(commit('3'), commit('2'), [].into_iter()));
        let change = |path: &str, before, after, on_target| OwnChange {
            change: Change { path: RepoPath::new(path), before, after },
            on_target,
            uncommitted: false,
        };
        let changes = vec![
            change("a", None, entry(Mode::Link, 'a'), entry(Mode::Submodule, 'b')),
            change("b\n", entry(Mode::Executable, 'c'), None, entry(Mode::File, 'd')),
        ];
        let fork = TreeId::from_hex("e".repeat(40).as_bytes());
        let own = Own { fork, changes };
        let memory = OwnMemory { file: file.clone(), known: [(other, Own::default())].into() };
        memory.keep(vec![(key.clone(), own.clone())], &[key.clone()].into());
        let content = std::fs::read(&file).expect("written");
        assert_eq!(parse(&content), Some([(key, own)].into()));
        for at in FORM.len()..content.len() {
            let mut damaged = content.clone();
            damaged[at] ^= 1;
            assert_eq!(parse(&damaged), None, "byte {at}");
        }
        assert_eq!(parse(&content[..content.len() - 1]), None);
    }
}
