//! A file that takes what a command prints, up to a limit: what goes wrong with it never stops the command.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::folders;

/// What is kept of one command.
const MOST: usize = 64 << 20;

/// Such a file, being written.
pub struct LogFile {
    path: PathBuf,
    file: File,
    left: usize,
}

impl LogFile {
    /// A new file at `path`, in place of one that is there.
    pub fn create(path: &Path) -> Result<LogFile> {
        path.parent().map_or(Ok(()), folders::make)?;
        let file = File::create(path).with_context(|| format!("cannot write `{}`", path.display()))?;
        Ok(LogFile { path: path.to_owned(), file, left: MOST })
    }

    /// Adds a piece, as far as there is room for it.
    pub fn add(&mut self, piece: &[u8]) {
        if self.left == 0 {
            return;
        }
        let fits = &piece[..piece.len().min(self.left)];
        self.left = match self.file.write_all(fits) {
            Ok(()) => self.left - fits.len(),
            Err(_) => 0,
        };
        if self.left == 0 {
            // Said where somebody will look for the rest.
            let _ = self.file.write_all(b"\n(what came after this was not kept)\n");
        }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::LogFile;

    #[test]
    fn what_is_too_much_is_left_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut log = LogFile::create(&folder.path().join("a/b.log")).expect("a file");
        log.left = 5;
        log.add(b"abc");
        log.add(b"defg");
        log.add(b"h");
        let text = std::fs::read_to_string(log.path()).expect("a file");
        assert_eq!(text, "abcde\n(what came after this was not kept)\n");
    }
}
