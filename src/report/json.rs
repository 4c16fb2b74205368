//! The report for programs: the envelope as JSON, indented, with a line end.

use super::model::{Finding, Report, SCHEMA};
use crate::model::text::is_hidden;

/// One finding as JSON, in one line with a line end.
pub fn finding(finding: &Finding) -> String {
    spelled_out(serde_json::to_string(finding).expect("every key of the model is a string")) + "\n"
}

/// The report as JSON.
pub fn render(report: &Report) -> String {
    let text = serde_json::to_string_pretty(report).expect("every key of the model is a string");
    let mut text = spelled_out(text);
    text.push('\n');
    text
}

/// With everything escaped that a terminal would obey or a reader not see; such characters stand inside of strings alone.
fn spelled_out(text: String) -> String {
    let is_plain = |c: char| c != '\u{7f}' && !is_hidden(c);
    if text.chars().all(is_plain) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match is_plain(c) {
            true => out.push(c),
            false => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
        }
    }
    out
}
/// Reads a report that was kept; `None` where it is none of this version.
pub fn parse(text: &[u8]) -> Option<Report> {
    let report: Report = serde_json::from_slice(text).ok()?;
    (report.schema == SCHEMA).then_some(report)
}

#[cfg(test)]
mod tests {
    use super::super::model::Report;
    use super::super::{sample, schema};
    use super::render;
    use snapbox::IntoData;

    #[test]
    fn an_empty_report_leaves_everything_out() {
        snapbox::assert_data_eq!(
            render(&Report::new("list")),
            snapbox::str![[r#"
{
  "schema": 1,
  "command": "list"
}

"#]]
            .raw()
        );
    }

    #[test]
    #[allow(clippy::too_many_lines, reason = "the whole output is compared")]
    fn the_envelope() {
        snapbox::assert_data_eq!(
            render(&sample::report()),
            snapbox::str![[r#"
{
  "schema": 1,
  "command": "sync",
  "git": "2.47.3",
  "target": {
    "name": "main",
    "commit": "1111111111111111111111111111111111111111"
  },
  "tracks": [
    {
      "id": "a",
      "title": "Agent registry",
      "branch": "feature/phase-1-track-a",
      "commit": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "tree": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "worktree": "/home/kim/shop/worktrees/phase-1-track-a",
      "dirty": 2,
      "ahead": 3,
      "behind": 0,
      "agent": "alpha",
      "depends_on": [],
      "state": "conflicted",
      "blocked_by": [],
      "conflicts_with": [
        "b"
      ],
      "findings": 5,
      "last_activity": "2024-10-01T09:00:00Z"
    },
    {
      "id": "b",
      "branch": "feature/phase-1-track-b",
      "commit": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
      "tree": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
      "worktree": "/home/kim/shop/worktrees/phase-1-track-b",
      "dirty": 0,
      "ahead": 3,
      "behind": 14,
      "depends_on": [],
      "state": "conflicted",
      "blocked_by": [],
      "conflicts_with": [
        "a"
      ],
      "findings": 5,
      "last_activity": "2024-10-01T09:00:00Z"
    },
    {
      "id": "c",
      "branch": "feature/phase-1-track-c",
      "commit": "cccccccccccccccccccccccccccccccccccccccc",
      "tree": null,
      "worktree": "/home/kim/shop/worktrees/phase-1-track-c",
      "dirty": null,
      "ahead": null,
      "behind": null,
      "depends_on": [
        "b"
      ],
      "state": "blocked",
      "blocked_by": [
        {
          "kind": "track",
          "id": "b",
          "since": "2024-10-01T12:00:00Z",
          "reason": "`b` has not landed"
        }
      ],
      "conflicts_with": [],
      "findings": 1,
      "last_activity": "2024-09-29T11:00:00Z"
    }
  ],
  "pairs": [
    {
      "ours": "main",
      "theirs": "a",
      "verdict": "disjoint",
      "conflicts": [],
      "uncommitted": [
        "a"
      ]
    },
    {
      "ours": "main",
      "theirs": "b",
      "verdict": "clean",
      "conflicts": [],
      "uncommitted": []
    },
    {
      "ours": "main",
      "theirs": "c",
      "verdict": "unknown",
      "conflicts": [],
      "uncommitted": [],
      "reason": "no common ancestor"
    },
    {
      "ours": "a",
      "theirs": "b",
      "verdict": "conflict",
      "conflicts": [
        {
          "path": "api/agents/list.ts",
          "kind": "content",
          "ours_lines": [
            [
              8,
              9
            ],
            [
              98,
              120
            ],
            [
              140,
              140
            ]
          ],
          "theirs_lines": [
            [
              8,
              8
            ],
            [
              97,
              97
            ],
            [
              120,
              119
            ]
          ]
        },
        {
          "path": "docs/caf�\u001b[31m.md",
          "path_bytes": "ZG9jcy9jYWbpG1szMW0ubWQ=",
          "kind": "modify-delete",
          "ours_lines": [],
          "theirs_lines": []
        }
      ],
      "uncommitted": [
        "a"
      ]
    },
    {
      "ours": "a",
      "theirs": "c",
      "verdict": "unknown",
      "conflicts": [],
      "uncommitted": [
        "a"
      ],
      "reason": "no common ancestor"
    },
    {
      "ours": "b",
      "theirs": "c",
      "verdict": "disjoint",
      "conflicts": [],
      "uncommitted": []
    }
  ],
  "integration": {
    "ref": "refs/tracks/integration/main",
    "commit": "9999999999999999999999999999999999999999",
    "tree": "9999999999999999999999999999999999999999",
    "merged": [
      "a"
    ],
    "held_out": [
      {
        "track": "b",
        "because_of": [
          "a"
        ],
        "conflicts": [
          {
            "path": "api/agents/list.ts",
            "kind": "content",
            "ours_lines": [
              [
                8,
                9
              ],
              [
                98,
                120
              ],
              [
                140,
                140
              ]
            ],
            "theirs_lines": [
              [
                8,
                8
              ],
              [
                97,
                97
              ],
              [
                120,
                119
              ]
            ],
            "commits": {
              "ours": {
                "commit": "dddddddddddddddddddddddddddddddddddddddd",
                "subject": "Raise the limit of the list\u001b[31m"
              },
              "theirs": {
                "commit": null,
                "subject": "uncommitted work"
              }
            }
          },
          {
            "path": "docs/caf�\u001b[31m.md",
            "path_bytes": "ZG9jcy9jYWbpG1szMW0ubWQ=",
            "kind": "modify-delete",
            "ours_lines": [],
            "theirs_lines": [],
            "commits": {
              "ours": null,
              "theirs": null
            }
          }
        ]
      },
      {
        "track": "c",
        "because_of": [
          "b"
        ],
        "conflicts": []
      }
    ]
  },
  "findings": [
    {
      "rule": "conflict.content",
      "severity": "error",
      "tracks": [
        "a",
        "b"
      ],
      "path": "api/agents/list.ts",
      "lines": [
        [
          8,
          9
        ],
        [
          98,
          120
        ],
        [
          140,
          140
        ]
      ],
      "message": "merging `b` into `a` conflicts",
      "cure": "tracks show a b",
      "fingerprint": "ffbefdb7b0ceac36",
      "first_seen": "2024-10-01T12:00:00Z",
      "state": "new"
    },
    {
      "rule": "conflict.modify-delete",
      "severity": "error",
      "tracks": [
        "b",
        "a"
      ],
      "path": "docs/caf�\u001b[31m.md",
      "path_bytes": "ZG9jcy9jYWbpG1szMW0ubWQ=",
      "lines": [],
      "message": "merging `b` into `a` conflicts: one side changed what the other deleted",
      "cure": "tracks show a b",
      "fingerprint": "bc71a720a7af3871",
      "first_seen": "2024-10-01T12:00:00Z",
      "state": "new"
    },
    {
      "rule": "conflict.unknown",
      "severity": "error",
      "tracks": [
        "c"
      ],
      "path": null,
      "lines": [],
      "message": "`c` and the target have no common ancestor, so whether they merge is not known",
      "cure": "git fetch --unshallow",
      "fingerprint": "0935eb330b5609c8",
      "first_seen": "2024-10-01T12:00:00Z",
      "state": "new"
    },
    {
      "rule": "ownership.foreign",
      "severity": "error",
      "tracks": [
        "b",
        "a"
      ],
      "path": "api/agents/list.ts",
      "lines": [
        [
          8,
          8
        ],
        [
          97,
          97
        ]
      ],
      "message": "`b` changes what `a` owns (`api/agents/**`)",
      "cure": "git -C worktrees/phase-1-track-b checkout main -- api/agents/list.ts",
      "fingerprint": "62e8d06bd402cdea",
      "first_seen": "2024-10-01T12:00:00Z",
      "state": "new"
    },
    {
      "rule": "migration.duplicate",
      "severity": "error",
      "tracks": [
        "b",
        "a"
      ],
      "path": "supabase/migrations/20241001000001_b_template_fields_for_the_builder.sql",
      "lines": [],
      "message": "the version 20241001000001 is also that of `20241001000001_a_agent_registry.sql` in `a`",
      "cure": "tracks migration new --track b fields",
      "fingerprint": "d57537603d4553df",
      "first_seen": "2024-10-01T12:00:00Z",
      "state": "new"
    },
    {
      "rule": "size.growth",
      "severity": "warn",
      "tracks": [
        "a"
      ],
      "path": "api/agents/registry|`<b>.ts",
      "lines": [],
      "message": "the file grew by 612 lines in one track, 500 are allowed",
      "cure": "split it",
      "fingerprint": "09a4e17156020cc2",
      "first_seen": "2024-10-01T12:00:00Z",
      "state": "new"
    },
    {
      "rule": "track.behind",
      "severity": "info",
      "tracks": [
        "b"
      ],
      "path": null,
      "lines": [],
      "message": "14 commits behind `main`",
      "cure": "tracks update b",
      "fingerprint": "790959ee56679af8",
      "first_seen": "2024-10-01T12:00:00Z",
      "state": "new"
    }
  ],
  "summary": {
    "errors": 5,
    "warnings": 1,
    "infos": 1,
    "disjoint": 2,
    "clean": 1,
    "conflict": 1,
    "unknown": 2,
    "readiness": "partial",
    "critical_issues": [
      "merging `b` into `a` conflicts",
      "merging `b` into `a` conflicts: one side changed what the other deleted",
      "`c` and the target have no common ancestor, so whether they merge is not known",
      "`b` changes what `a` owns (`api/agents/**`)",
      "the version 20241001000001 is also that of `20241001000001_a_agent_registry.sql` in `a`"
    ],
    "recommendations": [
      "tracks show a b",
      "git fetch --unshallow",
      "git -C worktrees/phase-1-track-b checkout main -- api/agents/list.ts",
      "tracks migration new --track b fields",
      "split it"
    ]
  }
}

"#]]
            .raw()
        );
    }

    #[test]
    fn what_is_written_is_valid_and_is_read_back() {
        let validator = jsonschema::validator_for(&schema::schema()).expect("a valid schema");
        for report in [Report::new("list"), sample::report(), sample::acts()] {
            let text = render(&report);
            let value = serde_json::from_str(&text).expect("JSON");
            assert!(validator.is_valid(&value), "{:?}", validator.iter_errors(&value).next());
            assert_eq!(serde_json::from_str::<Report>(&text).expect("a report"), report);
        }
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_printed_as_it_is() {
        let report = Report::new("a\u{9b}31m\u{202e}\u{7f}\u{1b}b");
        let text = render(&report);
        assert!(text.contains(r"a\u009b31m\u202e\u007f\u001bb"), "{text}");
        assert_eq!(serde_json::from_str::<Report>(&text).expect("a report"), report);
    }
}
