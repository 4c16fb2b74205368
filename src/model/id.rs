//! Ids of Git objects, one type per kind of object, so that a tree cannot be passed where a commit is meant.

use std::fmt;

use gix_hash::ObjectId;

macro_rules! object_id {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(ObjectId);

        impl $name {
            /// Takes an id that is known to name an object of this kind.
            pub fn new(id: ObjectId) -> Self {
                Self(id)
            }

            /// Reads 40 (SHA-1) or 64 (SHA-256) hexadecimal digits; `None` for anything else.
            pub fn from_hex(hex: &[u8]) -> Option<Self> {
                ObjectId::from_hex(hex).ok().map(Self)
            }

            /// Takes 20 or 32 bytes; `None` for another number.
            pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
                ObjectId::try_from(bytes).ok().map(Self)
            }

            /// The bytes of the id.
            pub fn as_bytes(&self) -> &[u8] {
                self.0.as_slice()
            }

            /// The id without its kind, for reading the object.
            pub fn raw(&self) -> ObjectId {
                self.0
            }

            /// The first ten digits, for people.
            pub fn short(&self) -> String {
                self.0.to_hex_with_len(10).to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.to_hex(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.to_hex(), f)
            }
        }
    };
}

object_id!(CommitId, "The id of a commit.");
object_id!(TreeId, "The id of a tree.");
object_id!(BlobId, "The id of what a tree entry points to: a file's content, a link's target or a submodule's commit.");

/// What a merge takes: a commit, or the tree of none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Treeish {
    /// A commit, which stands for its tree.
    Commit(CommitId),
    /// A tree alone, with no history.
    Tree(TreeId),
}

impl Treeish {
    /// The id without its kind, for asking Git.
    pub fn raw(&self) -> ObjectId {
        match self {
            Treeish::Commit(id) => id.raw(),
            Treeish::Tree(id) => id.raw(),
        }
    }
}
