//! How branches stand to what they follow.

use anyhow::Result;

use super::Repo;

/// A branch that follows another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Following {
    /// Its full name.
    pub branch: String,
    /// The short name of what it follows, such as `origin/a`.
    pub upstream: String,
    /// How many commits it has and that has not.
    pub ahead: usize,
    /// How many commits that has and it has not.
    pub behind: usize,
}

impl Repo {
    /// Those of these branches, by their full names, that follow something which is there.
    pub fn following(&self, branches: &[String]) -> Result<Vec<Following>> {
        if branches.is_empty() {
            return Ok(Vec::new());
        }
        let format = "--format=%(refname)%00%(upstream:short)%00%(upstream:track,nobracket)";
        let printed = self.git().args(["for-each-ref", format, "--"]).args(branches).stdout()?;
        Ok(String::from_utf8_lossy(&printed).lines().filter_map(parse).collect())
    }
}

/// Reads `<branch>\0<upstream>\0ahead 1, behind 2`.
fn parse(line: &str) -> Option<Following> {
    let mut fields = line.split('\0');
    let (branch, upstream, track) = (fields.next()?, fields.next()?, fields.next()?);
    let number = |word: &str| track.split(", ").find_map(|part| part.strip_prefix(word)?.trim().parse().ok());
    let found = !upstream.is_empty() && track != "gone";
    found.then(|| Following {
        branch: branch.to_owned(),
        upstream: upstream.to_owned(),
        ahead: number("ahead ").unwrap_or(0),
        behind: number("behind ").unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn both_numbers_are_read() {
        let found = parse("refs/heads/a\0origin/a\0ahead 1, behind 2").expect("it follows");
        assert_eq!((found.upstream.as_str(), found.ahead, found.behind), ("origin/a", 1, 2));
        assert_eq!(parse("refs/heads/a\0origin/a\0gone"), None);
        assert_eq!(parse("refs/heads/a\0\0"), None);
        assert_eq!(parse("refs/heads/a\0origin/a\0").map(|found| found.behind), Some(0));
    }
}
