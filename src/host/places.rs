//! Where this user's things are, and the programs: only what the environment says, nothing is guessed.

use std::ffi::OsString;
use std::path::PathBuf;

use super::files;

/// The user's own folder; `None` where nobody says.
pub fn home() -> Option<PathBuf> {
    absolute("HOME")
}

/// Where the user's programs are configured: `$XDG_CONFIG_HOME`, else `~/.config`; `None` where neither is known.
pub fn config_home() -> Option<PathBuf> {
    absolute("XDG_CONFIG_HOME").or_else(|| Some(home()?.join(".config")))
}

/// Where programs are looked for.
pub fn search_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

/// Whether there is a program of that name.
pub fn has_program(name: &str) -> bool {
    std::env::split_paths(&search_path()).any(|folder| folder.is_absolute() && files::is_program(&folder.join(name)))
}

fn absolute(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}
