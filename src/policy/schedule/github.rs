//! A workflow for GitHub: <https://docs.github.com/actions/reference/workflow-syntax-for-github-actions>. It is the same in
//! each clone, and holds no path of a machine.

use crate::model::Failure;

use super::mark::{self, ADVICE};
use super::{Job, Kind, cron};

/// A run on GitHub cannot be had more often, in minutes.
const LEAST: u64 = 5;

const STEPS: &str = r#"
concurrency: tracks
permissions:
  contents: read
jobs:
  sync:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - name: a branch for each on the remote
        run: |
          git for-each-ref --format='%(refname:lstrip=3)' refs/remotes/origin | grep -vx HEAD |
            while read -r branch; do
              git show-ref --quiet --verify "refs/heads/$branch" || git branch -q "$branch" "origin/$branch"
            done
      - run: cargo install --locked git-tracks
      # Gates run with `--trust` and the hash that `tracks trust --dry-run` prints.
      - run: tracks sync --scheduled
"#;

/// The whole file.
pub(super) fn text(job: &Job) -> Result<String, Failure> {
    let (mark, when) = (mark::shared_line(job), cron::when(job.every.rhythm_for(Kind::Github.name(), LEAST)?));
    Ok(format!(
        "# {mark}\n# {ADVICE}\nname: tracks\non:\n  schedule:\n    - cron: '{when}'\n  workflow_dispatch:{STEPS}"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::testing::job;
    use super::text;

    #[test]
    fn the_same_on_every_machine() {
        assert_eq!(text(&job("/a b", "2d")).expect("a text"), text(&job("/c", "2d")).expect("a text"));
        assert!(text(&job("/x", "1m")).is_err());
    }
}
