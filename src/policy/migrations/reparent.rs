//! Puts a track's migrations behind those of the target where migrations name the ones before them (Django, Alembic).
//! Plans only; nothing is written here.

use std::collections::BTreeMap;

use super::graph::{GraphKind, Node, heads, read};
use super::numbering::{Move, rewritten};
use crate::model::{Failure, RepoPath};

/// A migration that is renamed, or whose text changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Where it is, and where it goes.
    pub change: Move,
    /// Its new text.
    pub text: String,
}

/// The migrations of one folder.
pub struct Folder<'a> {
    /// The folder.
    pub path: &'a RepoPath,
    /// How they name each other.
    pub kind: GraphKind,
    /// The target's.
    pub target: BTreeMap<RepoPath, Node>,
    /// The texts of those that the track adds.
    pub own: BTreeMap<RepoPath, String>,
    /// The names of all others, whoever has them.
    pub names: Vec<String>,
}

/// What the track must change so that its migrations follow the target's only head; nothing where they do.
///
/// Fails where that cannot be told, or more than one thing could be meant.
pub fn reparent(folder: &Folder) -> Result<Vec<Edit>, Failure> {
    let own: BTreeMap<RepoPath, Node> =
        folder.own.iter().map(|(path, text)| (path.clone(), read(folder.kind, path, Some(text.as_bytes())))).collect();
    let both: BTreeMap<RepoPath, Node> =
        folder.target.iter().chain(&own).map(|(p, n)| (p.clone(), n.clone())).collect();
    let together = heads(folder.path, &both);
    let refused = |why: String| Failure::usage(why).hint("re-point it by hand");
    if let Some(unknown) = together.unknown {
        return Err(refused(format!("`{unknown}` does not say in so many words which migration it follows")));
    }
    if own.is_empty() || together.paths.len() <= 1 {
        return Ok(Vec::new());
    }
    let target = heads(folder.path, &folder.target);
    let mut ends = target.paths.iter().map(|path| &folder.target[path].id);
    let (Some(head), None) = (ends.next(), ends.next()) else {
        let number = target.paths.len();
        return Err(refused(format!("the target itself has {number} heads in `{}`", folder.path)));
    };
    let chain = chain(&own).ok_or_else(|| {
        refused(format!("the track's own migrations in `{}` do not follow each other one by one", folder.path))
    })?;
    let root = &own[&chain[0]];
    let parent = match root.follows.as_deref().unwrap_or_default() {
        [] => None,
        named => named.iter().map(|named| &named.id).find(|id| folder.target.values().any(|node| node.id == **id)),
    };
    let Some(parent) = parent else {
        return Err(refused(format!("`{}` follows no migration of the target", chain[0])));
    };
    Ok(edits(folder, &chain, parent, head))
}

/// The migrations from the first to the last, where each follows the one before it.
fn chain(own: &BTreeMap<RepoPath, Node>) -> Option<Vec<RepoPath>> {
    let follows = |node: &Node, id: &str| node.follows.iter().flatten().any(|named| named.id == id);
    let mut roots = own.iter().filter(|(_, node)| own.values().all(|other| !follows(node, &other.id)));
    let (Some((first, _)), None) = (roots.next(), roots.next()) else { return None };
    let mut chain = vec![first.clone()];
    while chain.len() < own.len() {
        let last = &own[chain.last()?];
        let mut next = own.iter().filter(|(_, node)| follows(node, &last.id));
        let (Some((path, _)), None) = (next.next(), next.next()) else { return None };
        chain.push(path.clone());
    }
    Some(chain)
}

fn edits(folder: &Folder, chain: &[RepoPath], parent: &str, head: &str) -> Vec<Edit> {
    let number = |name: &String| name.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<u64>().ok();
    let mut highest = folder.names.iter().filter_map(number).max().unwrap_or(0);
    let renamed = |path: &RepoPath| {
        let name = path.file_name().to_string();
        let digits = name.chars().take_while(char::is_ascii_digit).count();
        // Only Django's names are numbers; an id of Alembic may begin with one.
        if folder.kind != GraphKind::Django || digits == 0 {
            let same = String::new();
            return Move { from: path.clone(), to: path.clone(), old: same.clone(), new: same };
        }
        highest += 1;
        let new = format!("{highest:0digits$}");
        let to = folder.path.join(format!("{new}{}", &name[digits..]).as_bytes());
        Move { from: path.clone(), to, old: name[..digits].to_owned(), new }
    };
    let moves: Vec<Move> = chain.iter().map(renamed).collect();
    let edit = |(at, change): (usize, &Move)| {
        let text = &folder.own[&change.from];
        let text = if at == 0 { repointed(folder.kind, text, parent, head) } else { text.clone() };
        Edit { change: change.clone(), text: rewritten(&text, &moves, true).unwrap_or(text) }
    };
    moves.iter().enumerate().map(edit).collect()
}

/// The text of a migration that follows `head` instead of `parent`.
fn repointed(kind: GraphKind, text: &str, parent: &str, head: &str) -> String {
    let key = match kind {
        GraphKind::Django => "dependencies",
        GraphKind::Alembic => "down_revision",
    };
    let mut seen = false;
    let line = |line: &str| {
        seen |= line.trim_start().starts_with(key);
        let documented = kind == GraphKind::Alembic && line.trim_start().starts_with("Revises:");
        let mut line = line.to_owned();
        if seen {
            for quote in ['"', '\''] {
                line = line.replace(&format!("{quote}{parent}{quote}"), &format!("{quote}{head}{quote}"));
            }
        } else if documented {
            line = line.replace(parent, head);
        }
        line
    };
    text.split_inclusive('\n').map(line).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Folder, reparent};
    use crate::model::RepoPath;
    use crate::policy::migrations::graph::{GraphKind, read};

    /// What is done, or why not: `from → to: text` each.
    fn done(kind: GraphKind, target: &[(&str, &str)], own: &[(&str, &str)]) -> Vec<String> {
        let path = RepoPath::new("shop/migrations");
        let file = |name: &str| path.join(format!("{name}.py").as_bytes());
        let nodes = target.iter().map(|(name, text)| (file(name), read(kind, &file(name), Some(text.as_bytes()))));
        let folder = Folder {
            path: &path,
            kind,
            target: nodes.collect::<BTreeMap<_, _>>(),
            own: own.iter().map(|(name, text)| (file(name), (*text).to_owned())).collect(),
            names: target.iter().map(|(name, _)| (*name).to_owned()).collect(),
        };
        match reparent(&folder) {
            Err(failure) => vec![failure.message],
            Ok(edits) => {
                let shown = edits.iter().map(|edit| {
                    let (from, to) = (edit.change.from.file_name(), edit.change.to.file_name());
                    format!("{from} → {to}: {}", edit.text)
                });
                shown.collect()
            }
        }
    }

    #[test]
    fn django() {
        let first = ("0001_first", "dependencies = []");
        let second = ("0002_theirs", "dependencies = [('shop', '0001_first')]");
        let third = ("0003_more", "dependencies = [('shop', '0002_theirs')]");
        let mine = ("0002_mine", "dependencies = [('shop', '0001_first')]");
        let next = ("0003_next", "dependencies = [('shop', '0002_mine')]");
        assert_eq!(done(GraphKind::Django, &[first], &[mine, next]), [""; 0]);
        assert_eq!(
            done(GraphKind::Django, &[first, second, third], &[mine, next]),
            [
                "0002_mine.py → 0004_mine.py: dependencies = [('shop', '0003_more')]",
                "0003_next.py → 0005_next.py: dependencies = [('shop', '0004_mine')]",
            ]
        );
        let other = ("0002_other", "dependencies = [('shop', '0001_first')]");
        assert_eq!(
            done(GraphKind::Django, &[first, second], &[mine, other]),
            ["the track's own migrations in `shop/migrations` do not follow each other one by one"]
        );
        assert_eq!(
            done(GraphKind::Django, &[first, second, other], &[mine]),
            ["the target itself has 2 heads in `shop/migrations`"]
        );
        assert_eq!(
            done(GraphKind::Django, &[first, second], &[("0002_mine", "dependencies = f()")]),
            ["`shop/migrations/0002_mine.py` does not say in so many words which migration it follows"]
        );
    }

    #[test]
    fn alembic() {
        let first = ("aa_first", "revision = 'aa'\ndown_revision = None");
        let second = ("bb_theirs", "revision = 'bb'\ndown_revision = 'aa'");
        let mine = ("cc_mine", "\"\"\"mine\n\nRevises: aa\n\"\"\"\nrevision = 'cc'\ndown_revision = 'aa'");
        assert_eq!(
            done(GraphKind::Alembic, &[first, second], &[mine]),
            ["cc_mine.py → cc_mine.py: \"\"\"mine\n\nRevises: bb\n\"\"\"\nrevision = 'cc'\ndown_revision = 'bb'"]
        );
    }
}
