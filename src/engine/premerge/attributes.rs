//! Which trees have the same attributes in force, and where Git has to read them from so that it sees what it would see in
//! a checkout.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use anyhow::{Result, bail};

use super::Premerge;
use super::checkouts::{self, Checkouts};
use super::prove::Three;
use crate::git::attributes::Source;
use crate::git::objects::Node;
use crate::git::trees::{Difference, Trees};
use crate::git::{Repo, Settings};
use crate::model::{Entry, RepoPath, TreeId};

/// What tells one set of `.gitattributes` files from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// How they differ from those of the first tree seen.
    Differing(Files),
    /// Those of this tree, which could not be compared with the first one: an object of that one cannot be read.
    Of(TreeId),
}

/// The name of the files that hold attributes.
pub const FILE: &str = ".gitattributes";

/// Which contents are normalised before they are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Normalised {
    /// None: they are merged as they are.
    None,
    /// Those whose attributes say so.
    ByAttributes,
    /// All but those whose attributes say otherwise.
    All,
}

/// What `attr.tree` makes Git read attributes from, everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    /// Nothing: from the checkout.
    Nothing,
    /// The commit that is checked out.
    Head,
    /// This tree.
    Tree(TreeId),
    /// What depends on the commit that is checked out in some other way.
    Unclear,
}

/// Whether something that Git reads otherwise in a tree than in a checkout stands where a merge might read attributes:
/// links of that name, or files with a byte-order mark or a NUL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Links {
    /// None does.
    None,
    /// Some do: named as a tree, Git would read them like files.
    Some,
}

/// The attributes that change how a content is merged; all but the first only where it is normalised before.
const MERGED: [&str; 7] = ["merge", "text", "crlf", "eol", "ident", "filter", "working-tree-encoding"];

/// How to find out whether contents are merged in the ordinary way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Not at all: they never are.
    Never,
    /// With the `.gitattributes` of this tree, where none of these names may be specified.
    From(TreeId, Linked, &'static [&'static str]),
}

/// What is made of something that Git reads otherwise in a tree than in a checkout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Linked {
    /// Only Git can deal with it.
    Matter,
    /// What a tree makes of it.
    AreFiles,
    /// Links are nothing, and with the rest only Git can deal.
    AreNothing,
}

/// What is known about attributes in this run.
pub struct Attributes {
    /// `merge.default` names a driver: no file is merged in the ordinary way unless its attributes say so.
    default_driver: bool,
    /// Whether files outside the trees may speak of any path.
    outside: bool,
    normalised: Normalised,
    named: Named,
    checkouts: Checkouts,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    reference: Option<TreeId>,
    classes: HashMap<TreeId, Class>,
    differing: HashMap<(TreeId, TreeId), Arc<Files>>,
    links: HashMap<(TreeId, TreeId), bool>,
}

/// What stands under the name `.gitattributes`, where it does; `None` where nothing stands any more.
pub type Files = Vec<(RepoPath, Option<Node>)>;

impl Attributes {
    /// Reads what the configuration says about attributes.
    pub fn new(repo: &Repo, settings: &Settings) -> Result<Attributes> {
        let normalised = match settings.is_on("merge.renormalize") {
            false => Normalised::None,
            true if settings.is_on("core.autocrlf") => Normalised::All,
            true => Normalised::ByAttributes,
        };
        let named = match settings.value("attr.tree").map(String::from_utf8_lossy).as_deref() {
            None => Named::Nothing,
            Some("HEAD" | "@") => Named::Head,
            Some(name) if name.contains("HEAD") || name.contains('@') => Named::Unclear,
            // Git leaves a name alone that means nothing.
            Some(name) => repo.tree(name)?.map_or(Named::Nothing, Named::Tree),
        };
        let default_driver = settings.value("merge.default").is_some();
        let outside = settings.has_attributes();
        let (checkouts, state) = (Checkouts::new(settings), Mutex::default());
        Ok(Attributes { default_driver, outside, normalised, named, checkouts, state })
    }

    /// Where Git reads the attributes for merging into `tree`.
    pub fn source(&self, premerge: &Premerge, tree: TreeId, links: Links) -> Result<Source> {
        Ok(Source::Tree(match (self.named, self.normalised, links) {
            (Named::Nothing, Normalised::None, Links::Some) => self.checkouts.bare_tree(premerge, tree)?,
            (Named::Nothing | Named::Head, Normalised::None, _) => tree,
            (Named::Tree(tree), Normalised::None, _) => tree,
            (Named::Nothing, ..) => {
                let class = self.class(premerge, tree)?;
                return self.checkouts.of(premerge, &class, tree).map(Source::Checkout);
            }
            _ => bail!("`attr.tree` is set, and what it means for this merge is not known"),
        }))
    }

    /// Whether something is read otherwise in a tree than in a checkout.
    pub fn is_odd(&self, premerge: &Premerge, entry: Entry) -> Result<bool> {
        Ok(self.checkouts.read(premerge, entry)? != Some(entry))
    }

    /// Whether merging `theirs` into `ours` might come across links. Attributes are looked for in the folders on the way to
    /// what is merged; a folder that is the same on both sides holds nothing to merge.
    pub fn links(&self, premerge: &Premerge, ours: TreeId, theirs: TreeId) -> Links {
        let matter = self.named == Named::Nothing && self.normalised == Normalised::None;
        // Where a tree cannot be read there may be some.
        match matter && self.has_links(premerge, ours, theirs).unwrap_or(true) {
            true => Links::Some,
            false => Links::None,
        }
    }

    fn has_links(&self, premerge: &Premerge, ours: TreeId, theirs: TreeId) -> Result<bool> {
        let trees = &premerge.trees;
        if ours == theirs {
            return Ok(false);
        }
        if let Some(known) = self.state.lock().expect("no thread panics while it holds this").links.get(&(ours, theirs))
        {
            return Ok(*known);
        }
        let entry = trees.rows(ours)?.named(FILE.into()).and_then(|node| node.leaf());
        let mut found = entry.map_or(Ok(false), |entry| self.is_odd(premerge, entry))?;
        for Difference { before: ours, after: theirs, .. } in trees.delta(ours, theirs)?.iter() {
            if let Some(Node::Tree(ours)) = ours {
                let theirs = if let Some(Node::Tree(theirs)) = theirs { *theirs } else { trees.empty() };
                found |= self.has_links(premerge, *ours, theirs)?;
            }
        }
        self.state.lock().expect("no thread panics while it holds this").links.insert((ours, theirs), found);
        Ok(found)
    }

    /// Whether files outside the trees may speak of any path.
    pub fn apply_everywhere(&self) -> bool {
        self.outside
    }

    /// What is in force wherever a merge is made, besides files and the configuration: something only with `attr.tree`.
    pub fn bearing(&self) -> String {
        format!("{:?}", self.named)
    }

    /// How the contents in `tree` are to be looked at, to say whether they are merged in the ordinary way.
    pub fn reading(&self, tree: TreeId) -> Reading {
        let (links, names) = match self.normalised {
            _ if self.default_driver => return Reading::Never,
            Normalised::All => return Reading::Never,
            Normalised::None => {
                (if self.named == Named::Nothing { Linked::Matter } else { Linked::AreFiles }, &MERGED[..1])
            }
            Normalised::ByAttributes => (Linked::AreNothing, &MERGED[..]),
        };
        match (self.named, self.normalised) {
            (Named::Nothing, _) | (Named::Head, Normalised::None) => Reading::From(tree, links, names),
            (Named::Tree(tree), Normalised::None) => Reading::From(tree, links, names),
            _ => Reading::Never,
        }
    }

    /// Whether the attributes of a merge are those of our side for certain, even where contents are normalised.
    pub fn are_of_ours(&self, premerge: &Premerge, three: Three) -> bool {
        self.normalised == Normalised::None || checkouts::have_one_root(premerge, three).unwrap_or(false)
    }

    /// Whether any contents may be normalised before they are merged.
    pub fn are_normalising(&self) -> bool {
        self.normalised != Normalised::None
    }

    /// The class of a tree's attributes; an error where an object of that tree cannot be read.
    pub fn class(&self, premerge: &Premerge, tree: TreeId) -> Result<Class> {
        let reference = {
            let mut state = self.state.lock().expect("no thread panics while it holds this");
            if let Some(class) = state.classes.get(&tree) {
                return Ok(class.clone());
            }
            *state.reference.get_or_insert(tree)
        };
        let class = match self.differing(&premerge.trees, reference, tree) {
            Ok(files) => Class::Differing(files.to_vec()),
            Err(_) => {
                self.differing(&premerge.trees, premerge.trees.empty(), tree)?;
                Class::Of(tree)
            }
        };
        self.state.lock().expect("no thread panics while it holds this").classes.insert(tree, class.clone());
        Ok(class)
    }

    /// The `.gitattributes` in which `new` differs from `old`, by their paths below them. A pair of subtrees that was
    /// compared before is not read again.
    fn differing(&self, trees: &Trees, old: TreeId, new: TreeId) -> Result<Arc<Files>> {
        if old == new {
            return Ok(Arc::default());
        }
        let known =
            self.state.lock().expect("no thread panics while it holds this").differing.get(&(old, new)).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let mut files = Files::new();
        for Difference { name, before, after } in trees.delta(old, new)?.iter() {
            if name == FILE {
                files.push((RepoPath::new(name), *after));
            }
            let folder = |node: &Option<Node>| if let Some(Node::Tree(id)) = node { Some(*id) } else { None };
            let (before, after) = (folder(before), folder(after));
            if before.is_some() || after.is_some() {
                let below = self.differing(trees, before.unwrap_or(trees.empty()), after.unwrap_or(trees.empty()))?;
                let folder = RepoPath::new(name);
                files.extend(below.iter().map(|(path, node)| (folder.join(path.as_bstr()), *node)));
            }
        }
        let files = Arc::new(files);
        let mut state = self.state.lock().expect("no thread panics while it holds this");
        state.differing.insert((old, new), files.clone());
        Ok(files)
    }
}
