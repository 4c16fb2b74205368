//! The report for a comment, a pull request or a note. It has no content of files: it is made to be put where more
//! people read than in the repository. What comes from the repository can neither format, link nor mention.

use std::fmt::Write;

use super::landing;
use super::model::{
    AilmentState, Conflict, Finding, FindingState, HeldOut, Integration, Lines, Note, Pair, PreflightVerdict, Removal,
    Report, Severity, Track, Verdict, shown,
};
use crate::model::text::{count, escaped};

/// More rows than this are folded away.
const OPEN_ROWS: usize = 20;

/// The report as GitHub and GitLab read Markdown. A pull request is its body and nothing else.
pub fn render(report: &Report) -> String {
    if let Some(request) = &report.pull_request {
        return request.body.clone();
    }
    let sections = [
        header(report),
        tracks(report.tracks.as_deref().unwrap_or_default()),
        conflicts(report.pairs.as_deref().unwrap_or_default()),
        findings(report.findings.as_deref().unwrap_or_default()),
        gates(report),
        report.integration.as_ref().map_or_else(String::new, integration),
        order(report),
        notes(report.notes.as_deref().unwrap_or_default()),
        acts(report),
    ];
    let sections: Vec<String> = sections.into_iter().filter(|text| !text.is_empty()).collect();
    sections.join("\n")
}

/// `text` so that Markdown shows it as it is: on one line, with nothing that formats, links, mentions or is HTML.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in escaped(text.as_bytes()).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' => out.push_str("&#124;"),
            // Forges look for mentions, references and links in the text that is left after Markdown: only a character
            // in between stops them, here one of no width.
            '@' => out.push_str("@&#8203;"),
            '#' => out.push_str("#&#8203;"),
            '\\' | '`' | '*' | '_' | '~' | '[' | ']' | '!' | '$' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out.replace("://", ":&#8203;//").replace("www.", "www&#8203;.")
}

/// A message, in which names stand in backticks, as Markdown. Wherever the backticks are, both what is between them
/// and what is not stays what it is.
pub fn message(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return plain(text);
    }
    let part = |(at, part): (usize, &&str)| if at % 2 == 0 || part.is_empty() { plain(part) } else { code(part) };
    parts.iter().enumerate().map(part).collect()
}

/// `text` as code: on one line, in a fence longer than any run of backticks in it.
pub fn code(text: &str) -> String {
    let text = escaped(text.as_bytes());
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Like [`code`], for the cell of a table, where a bar would end it even inside code.
fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// Rows of cells under headings, folded away under `title` when there are many.
fn table<const N: usize>(title: &str, headings: [&str; N], rows: &[[String; N]]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut text = format!("| {} |\n|{}\n", headings.join(" | "), " --- |".repeat(N));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    match rows.len() > OPEN_ROWS {
        true => format!("<details><summary>{title} ({})</summary>\n\n{text}\n</details>\n", rows.len()),
        false => format!("### {title}\n\n{text}"),
    }
}

fn header(report: &Report) -> String {
    let mut out = String::new();
    if let Some(target) = &report.target {
        let commit = target.commit.get(..10).unwrap_or(&target.commit);
        let _ = writeln!(out, "## tracks on {} at {}\n", code(&target.name), code(commit));
    }
    let Some(summary) = &report.summary else { return out.replace("\n\n", "\n") };
    let clean = summary.disjoint + summary.clean;
    let pairs = clean + summary.conflict + summary.unknown;
    let mut parts: Vec<String> = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.infos, "note")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| count(number, noun))
        .collect();
    if parts.is_empty() {
        parts.push("no findings".to_owned());
    }
    let mut line = parts.join(", ");
    if pairs > 0 {
        let _ = write!(line, "; {clean} of {} clean", count(pairs, "pair"));
    }
    if summary.unknown > 0 {
        let _ = write!(line, "; {} unknown", summary.unknown);
    }
    out + &format!("**{line}**\n")
}

fn tracks(tracks: &[Track]) -> String {
    let number = |number: Option<usize>| number.map_or_else(|| "?".to_owned(), |n| n.to_string());
    let row = |track: &Track| {
        let with: Vec<String> = track.conflicts_with.iter().map(|name| plain(name)).collect();
        let progress = format!("{} / {}", number(track.ahead), number(track.behind));
        [plain(&track.id), track.state.name().to_owned(), progress, number(track.dirty), with.join(", ")]
    };
    let headings = ["track", "state", "ahead / behind", "uncommitted", "conflicts with"];
    table("Tracks", headings, &tracks.iter().map(row).collect::<Vec<_>>())
}

fn conflicts(pairs: &[Pair]) -> String {
    let mut rows = Vec::new();
    for pair in pairs {
        let names = format!("{} and {}", plain(&pair.ours), plain(&pair.theirs));
        if pair.verdict == Verdict::Unknown {
            let reason = pair.reason.as_deref().unwrap_or("no reason is known");
            rows.push([names.clone(), String::new(), format!("not known: {}", plain(reason)), String::new()]);
        }
        rows.extend(pair.conflicts.iter().map(|conflict| conflict_row(&names, conflict)));
    }
    table("Conflicts", ["pair", "path", "kind", "lines"], &rows)
}

fn conflict_row(names: &str, conflict: &Conflict) -> [String; 4] {
    let (ours, theirs) = (ranges(&conflict.ours_lines), ranges(&conflict.theirs_lines));
    let lines = if ours.is_empty() { ours } else { format!("{ours} / {theirs}") };
    let path = cell(&shown(&conflict.path, conflict.path_bytes.as_deref()));
    [names.to_owned(), path, plain(&conflict.kind), lines]
}

fn ranges(lines: &[Lines]) -> String {
    let range = |&[first, last]: &Lines| if first < last { format!("{first}–{last}") } else { first.to_string() };
    lines.iter().map(range).collect::<Vec<_>>().join(", ")
}

fn findings(findings: &[Finding]) -> String {
    let row = |finding: &Finding| {
        let severity = match finding.severity {
            Severity::Error => "**error**",
            Severity::Warn => "warning",
            Severity::Info => "note",
        };
        let path = finding.path.as_deref().map(|path| cell(&shown(path, finding.path_bytes.as_deref())));
        let lines = ranges(&finding.lines);
        let place = match path {
            Some(path) if !lines.is_empty() => format!("{path} {lines}"),
            path => path.unwrap_or_default(),
        };
        let cure = if finding.cure.is_empty() { String::new() } else { cell(&finding.cure) };
        let who = plain(&finding.tracks.join(", "));
        let what = message(&finding.message).replace('|', "\\|");
        [severity.to_owned(), cell(&finding.rule), who, place, what, cure]
    };
    let rows = |waived: bool| -> Vec<[String; 6]> {
        findings.iter().filter(|f| (f.state == FindingState::Waived) == waived).map(row).collect()
    };
    let headings = ["severity", "rule", "tracks", "where", "what", "cure"];
    let waived = table("Waived", ["severity", "rule", "tracks", "where", "what", "why"], &rows(true));
    let open = table("Findings", headings, &rows(false));
    if open.is_empty() || waived.is_empty() { open + &waived } else { format!("{open}\n{waived}") }
}

fn gates(report: &Report) -> String {
    let row = |gate: &super::model::Gate| {
        [plain(&gate.name), plain(&gate.stage), gate.status.name().to_owned(), plain(&gate.tracks.join(", "))]
    };
    let rows: Vec<_> = report.gates.iter().flatten().map(row).collect();
    table("Gates", ["gate", "stage", "status", "tracks"], &rows)
}

fn integration(done: &Integration) -> String {
    let merged = if done.merged.is_empty() { "nothing".to_owned() } else { plain(&done.merged.join(", ")) };
    let mut out = format!("### Integration\n\n- merged: {merged}\n");
    for held in &done.held_out {
        let _ = writeln!(out, "- held out: {}{}", plain(&held.track), why(held, done));
    }
    out
}

fn why(held: &HeldOut, done: &Integration) -> String {
    let others = plain(&held.because_of.join(", "));
    match (&held.reason, others.is_empty(), held.conflicts.len()) {
        (Some(reason), ..) => format!(", {}", plain(reason)),
        (None, true, paths) => format!(", conflicts with the target in {}", count(paths, "path")),
        (None, false, 0) if done.holds_out(&held.because_of) => format!(", needs {others}, which is held out"),
        (None, false, 0) => format!(", needs {others}, which has no branch"),
        (None, false, paths) => format!(", conflicts with {others} in {}", count(paths, "path")),
    }
}

fn order(report: &Report) -> String {
    if let Some(checks) = &report.preflight {
        let line = |(verdict, text): (PreflightVerdict, String)| format!("- {}: {}\n", verdict.name(), message(&text));
        return format!(
            "### Before the wave\n\n{}",
            landing::preflight(checks).into_iter().map(line).collect::<String>()
        );
    }
    let number = |number: Option<usize>, none: &str| number.map_or_else(|| none.to_owned(), |n| n.to_string());
    let row = |place: &super::model::Place| {
        let (at, cost) = (number(place.place, "-"), number(place.cost, ""));
        [place.wave.to_string(), at, plain(&place.track), place.state.name().to_owned(), cost, plain(&place.because)]
    };
    let rows: Vec<_> = report.order.iter().flatten().map(row).collect();
    let lines = landing::lines(report).into_iter().map(|(label, text)| format!("- {label}: {}\n", message(&text)));
    let lines: String = lines.collect();
    let table = table("Order", ["wave", "place", "track", "state", "cost", "because"], &rows);
    if lines.is_empty() { table } else { format!("{table}\n{lines}") }
}

fn notes(notes: &[Note]) -> String {
    let row = |note: &Note| {
        let by = note.by.as_ref().map(|by| by.id.as_str());
        let what = [by, note.commit.as_deref(), note.decision.as_deref(), Some(note.text.as_str())];
        let what: Vec<String> = what.into_iter().flatten().filter(|text| !text.is_empty()).map(plain).collect();
        let time = plain(note.time.as_deref().unwrap_or_default());
        [plain(&note.track), time, plain(&note.author), plain(&note.kind), what.join("; ")]
    };
    table("Notes", ["track", "time", "author", "note", "what"], &notes.iter().map(row).collect::<Vec<_>>())
}

fn acts(report: &Report) -> String {
    let steps = report.steps.iter().flatten().map(|step| {
        let done = if step.done { "done" } else { "planned" };
        [plain(&step.action), cell(&step.subject), plain(step.detail.as_deref().unwrap_or_default()), done.to_owned()]
    });
    let worktrees = report.worktrees.iter().flatten().map(|worktree| {
        let verdict = match worktree.verdict {
            _ if worktree.removed => "removed",
            Removal::Safe => "safe",
            Removal::Kept => "kept",
        };
        let path = cell(&shown(&worktree.path, worktree.path_bytes.as_deref()));
        [path, verdict.to_owned(), plain(&worktree.reasons.join("; "))]
    });
    let owners = report.owners.iter().flatten().map(|owner| {
        let who = owner.zone.as_ref().or(owner.track.as_ref()).map_or_else(String::new, |who| plain(who));
        let pattern = owner.pattern.as_ref().map_or_else(String::new, |pattern| cell(pattern));
        [cell(&shown(&owner.path, owner.path_bytes.as_deref())), who, pattern]
    });
    let checkpoints = report.checkpoints.iter().flatten().map(|checkpoint| {
        let message = plain(checkpoint.message.as_deref().unwrap_or_default());
        [cell(&checkpoint.name), checkpoint.uncommitted.to_string(), message, cell(&checkpoint.restore)]
    });
    let paths = report.paths.iter().flatten();
    let paths = paths.map(|path| [cell(&shown(&path.path, path.path_bytes.as_deref())), plain(&path.state)]);
    let ailments = report.ailments.iter().flatten().map(|ailment| {
        let severity = if ailment.state == AilmentState::Cured { "cured" } else { ailment.severity.noun() };
        let cure = plain(ailment.cure.as_deref().unwrap_or_default());
        [severity.to_owned(), plain(&ailment.subject), plain(&ailment.detail), cure]
    });
    let hooks = report
        .hooks
        .iter()
        .flatten()
        .map(|hook| [cell(&hook.name), plain(&hook.state), cell(&hook.path), cell(&hook.worktrees.join(", "))]);
    let schedules = report.schedules.iter().flatten().map(|it| {
        let every = plain(it.every.as_deref().unwrap_or_default());
        [plain(&it.kind), plain(&it.state), every, cell(&it.place)]
    });
    let trust = report.trust.iter().flat_map(|trust| trust.commands.iter().map(move |it| (it, trust.approved)));
    let trust = trust.map(|(command, approved)| {
        let standing = if approved { "approved" } else { "not approved" };
        [plain(&command.place), cell(&command.text), standing.to_owned()]
    });
    let approvals = report.approvals.iter().flatten();
    let approvals = approvals.map(|it| [cell(&it.repository), it.commands.to_string(), cell(&it.hash)]);
    [
        table("Commands", ["place", "text", "standing"], &trust.collect::<Vec<_>>()),
        table("Approvals", ["repository", "commands", "hash"], &approvals.collect::<Vec<_>>()),
        table("Checkpoints", ["checkpoint", "uncommitted", "message", "back with"], &checkpoints.collect::<Vec<_>>()),
        table("Paths", ["path", "state"], &paths.collect::<Vec<_>>()),
        table("Steps", ["what", "on", "detail", ""], &steps.collect::<Vec<_>>()),
        table("Worktrees", ["worktree", "verdict", "reasons"], &worktrees.collect::<Vec<_>>()),
        table("Owners", ["path", "owner", "pattern"], &owners.collect::<Vec<_>>()),
        table("Hooks", ["hook", "state", "path", "worktrees"], &hooks.collect::<Vec<_>>()),
        table("Schedules", ["by", "state", "every", "place"], &schedules.collect::<Vec<_>>()),
        table("What is wrong", ["severity", "what", "detail", "cure"], &ailments.collect::<Vec<_>>()),
    ]
    .into_iter()
    .filter(|text| !text.is_empty())
    .collect::<Vec<_>>()
    .join("\n")
}

#[cfg(test)]
mod tests {
    use super::{code, message, plain, render};
    use crate::report::model::Report;
    use crate::report::sample;
    use snapbox::{IntoData, assert_data_eq, str};

    #[test]
    fn nothing_declared() {
        let report = Report::from_outcome("sync", &sample::empty(), sample::NOW, None);
        assert_data_eq!(
            render(&report),
            str![[r#"
## tracks on `main` at `1111111111`

**no findings**

"#]]
            .raw()
        );
    }

    #[test]
    fn everything() {
        assert_data_eq!(render(&sample::report()), str![[r#"
## tracks on `main` at `1111111111`

**5 errors, 1 warning, 1 note; 3 of 6 pairs clean; 2 unknown**

### Tracks

| track | state | ahead / behind | uncommitted | conflicts with |
| --- | --- | --- | --- | --- |
| a | conflicted | 3 / 0 | 2 | b |
| b | conflicted | 3 / 14 | 0 | a |
| c | blocked | ? / ? | ? |  |

### Conflicts

| pair | path | kind | lines |
| --- | --- | --- | --- |
| main and c |  | not known: no common ancestor |  |
| a and b | `api/agents/list.ts` | content | 8–9, 98–120, 140 / 8, 97, 120 |
| a and b | `docs/caf\xe9\x1b[31m.md` | modify-delete |  |
| a and c |  | not known: no common ancestor |  |

### Findings

| severity | rule | tracks | where | what | cure |
| --- | --- | --- | --- | --- | --- |
| **error** | `conflict.content` | a, b | `api/agents/list.ts` 8–9, 98–120, 140 | merging `b` into `a` conflicts | `tracks show a b` |
| **error** | `conflict.modify-delete` | b, a | `docs/caf\xe9\x1b[31m.md` | merging `b` into `a` conflicts: one side changed what the other deleted | `tracks show a b` |
| **error** | `conflict.unknown` | c |  | `c` and the target have no common ancestor, so whether they merge is not known | `git fetch --unshallow` |
| **error** | `ownership.foreign` | b, a | `api/agents/list.ts` 8, 97 | `b` changes what `a` owns (`api/agents/**`) | `git -C worktrees/phase-1-track-b checkout main -- api/agents/list.ts` |
| **error** | `migration.duplicate` | b, a | `supabase/migrations/20241001000001_b_template_fields_for_the_builder.sql` | the version 20241001000001 is also that of `20241001000001_a_agent_registry.sql` in `a` | `tracks migration new --track b fields` |
| warning | `size.growth` | a | ``api/agents/registry\|`<b>.ts`` | the file grew by 612 lines in one track, 500 are allowed | `split it` |
| note | `track.behind` | b |  | 14 commits behind `main` | `tracks update b` |

### Integration

- merged: a
- held out: b, conflicts with a in 2 paths
- held out: c, needs b, which is held out

"#]].raw());
    }

    #[test]
    fn acts() {
        let acts = Report { pull_request: None, ..sample::acts() };
        assert_data_eq!(render(&acts), str![[r#"
### Steps

| what | on | detail |  |
| --- | --- | --- | --- |
| create | `branch feature/a` | from main 1111111111 | done |
| create | `worktree worktrees/a` |  | planned |
| keep | `branch feature/b` | 3 commits are not on main | planned |

### Worktrees

| worktree | verdict | reasons |
| --- | --- | --- |
| `/home/kim/shop/worktrees/phase-1-track-a` | safe |  |
| `/home/kim/shop/worktrees/phase-1-track-b` | kept | 2 files are not committed; 1 commit is on no other branch or remote |
| `/tmp/agent-17` | removed |  |

### Owners

| path | owner | pattern |
| --- | --- | --- |
| `api/agents/list.ts` | a | `api/agents/**` |
| `packages/shared/x\x1b.ts` | packages | `packages/shared/**` |
| `README.md` |  |  |

### Hooks

| hook | state | path | worktrees |
| --- | --- | --- | --- |
| `pre-commit` | installed | `.git/hooks/pre-commit` | `., worktrees/a` |
| `pre-push` | dead | `worktrees/b/.husky/_/pre-push` | `worktrees/b` |

### Schedules

| by | state | every | place |
| --- | --- | --- | --- |
| systemd | gone | 2d | `/home/kim/.config/systemd/user/tracks-shop-0123abcd.timer` |
| cron | installed | 1w | `crontab` |
| github | foreign |  | `.github/workflows/tracks.yml` |

### What is wrong

| severity | what | detail | cure |
| --- | --- | --- | --- |
| error | worktree a | is not where it was: \\x1b\[31mred | \`git worktree repair a\` |
| warning | lock index.lock | is not where it was: \\x1b\[31mred |  |
| cured | worktree b | is not where it was: \\x1b\[31mred | \`git worktree repair b\` |

"#]].raw());
    }

    #[test]
    fn nothing_formats_links_or_mentions() {
        assert_eq!(
            plain("a|b`c <img> [x](https://e.x) @all #1 *b*\n"),
            "a&#124;b\\`c &lt;img&gt; \\[x\\](https:&#8203;//e.x) @&#8203;all #&#8203;1 \\*b\\*\\\\n"
        );
        assert_eq!(code("a``|b`"), "``` a``|b` ```");
        assert_eq!(message("`<a>` owns *b*"), "`<a>` owns \\*b\\*");
        assert_eq!(message("one ` <b>"), "one \\` &lt;b&gt;");
    }
}
