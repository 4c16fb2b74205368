//! `size.lines`, `size.bytes`: files over the limit. `size.growth`, `size.shrink`: changes over the limit.

use super::case::{Case, finding, quoted};
use super::content::Content;
use super::{Work, cure};
use crate::model::text::count;
use crate::model::{Failure, Finding, LineRange};
use crate::policy::config::model::{ByteSize, FileSize};
use crate::policy::ownership::globs::Globs;

/// The limits, and the files they hold for.
pub struct Limits {
    lines: Option<u64>,
    bytes: Option<u64>,
    growth: Option<u64>,
    shrink: Option<u64>,
    include: Globs,
    exclude: Globs,
}

impl Limits {
    /// Compiles `[rules.file-size]`; fails on a pattern or a size that is not valid.
    pub fn new(rules: &FileSize) -> Result<Limits, Failure> {
        Ok(Limits {
            lines: rules.max_lines,
            bytes: rules.max_bytes.as_ref().map(bytes).transpose()?,
            growth: rules.max_growth,
            shrink: rules.max_shrink,
            include: Globs::new("rules.file-size.include", &rules.include)?,
            exclude: Globs::new("rules.file-size.exclude", &rules.exclude)?,
        })
    }

    fn ask_for_lines(&self) -> bool {
        self.lines.is_some() || self.growth.is_some() || self.shrink.is_some()
    }
}

/// Judges one file. One that was over a limit already may stay so or shrink; binary files have no lines.
pub fn judge(case: &Case, work: &Work, content: &Content) -> Vec<Finding> {
    let limits = &case.limits;
    let path = content.path();
    if limits.exclude.contains(path) || !(limits.include.is_empty() || limits.include.contains(path)) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    findings.extend(over_bytes(limits, work, content));
    let lines = limits.ask_for_lines().then(|| content.lines().map(|lines| lines.len() as u64)).flatten();
    let Some((lines, earlier)) = lines.zip(content.earlier_lines()) else { return findings };
    let earlier: Vec<u64> = earlier.iter().map(|lines| lines.len() as u64).collect();
    findings.extend(over_lines(limits, work, content, (lines, &earlier)));
    findings.extend(grown(limits, work, content, (lines, &earlier)));
    findings.extend(shrunk(case, work, content, (lines, &earlier)));
    findings
}

/// Lines now, and in each earlier version.
type Lines<'a> = (u64, &'a [u64]);

fn over_lines(limits: &Limits, work: &Work, content: &Content, (now, earlier): Lines) -> Option<Finding> {
    let limit = limits.lines.filter(|limit| now > *limit && !earlier.iter().any(|lines| *lines >= now))?;
    let line = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    Some(Finding {
        lines: vec![LineRange { first: line(limit.saturating_add(1)), last: line(now) }],
        message: format!("{} where {limit} are allowed", plural(now, "line")),
        cure: "split the file".to_owned(),
        ..finding("size.lines", vec![work.track.clone()], content.path())
    })
}

fn over_bytes(limits: &Limits, work: &Work, content: &Content) -> Option<Finding> {
    let limit = limits.bytes?;
    let now = content.size().filter(|now| *now > limit)?;
    if content.earlier_sizes().any(|size| size >= now) {
        return None;
    }
    Some(Finding {
        message: format!("{} where {limit} are allowed", plural(now, "byte")),
        cure: "split the file, or store it elsewhere".to_owned(),
        ..finding("size.bytes", vec![work.track.clone()], content.path())
    })
}

/// Growth counts from the longest earlier version: what came in with the target is not the track's.
fn grown(limits: &Limits, work: &Work, content: &Content, (now, earlier): Lines) -> Option<Finding> {
    let growth = now.saturating_sub(earlier.iter().copied().max().unwrap_or(0));
    let limit = limits.growth.filter(|limit| growth > *limit)?;
    Some(Finding {
        message: format!("{} more than before, where {limit} are allowed", plural(growth, "line")),
        cure: "look at the change, and split the file where it is right".to_owned(),
        ..finding("size.growth", vec![work.track.clone()], content.path())
    })
}

fn shrunk(case: &Case, work: &Work, content: &Content, (now, earlier): Lines) -> Option<Finding> {
    let shrink = earlier.iter().copied().min()?.saturating_sub(now);
    let limit = case.limits.shrink.filter(|limit| shrink > *limit)?;
    Some(Finding {
        message: format!("{} fewer than before, where {limit} are allowed", plural(shrink, "line")),
        cure: format!("look at what is gone: {}", cure::difference(case.ground.target, content.path())),
        ..finding("size.shrink", vec![work.track.clone()], content.path())
    })
}

fn plural(number: u64, noun: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), noun)
}

/// The number of bytes; units are those that [`ByteSize`] describes.
fn bytes(size: &ByteSize) -> Result<u64, Failure> {
    let text = match size {
        ByteSize::Number(bytes) => return Ok(*bytes),
        ByteSize::Text(text) => text.trim(),
    };
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let factor = match unit.trim() {
        "" | "B" => Some(1),
        "kB" => Some(1000),
        "MB" => Some(1000_u64.pow(2)),
        "GB" => Some(1000_u64.pow(3)),
        "KiB" => Some(1 << 10),
        "MiB" => Some(1 << 20),
        "GiB" => Some(1 << 30),
        _ => None,
    };
    factor.zip(number.parse().ok()).and_then(|(factor, number): (u64, u64)| number.checked_mul(factor)).ok_or_else(
        || {
            Failure::usage(format!("`rules.file-size.max-bytes` is not a size: {}", quoted(text)))
                .hint("write a number and `B`, `kB`, `MB`, `GB`, `KiB`, `MiB` or `GiB`: `\"1MiB\"`")
        },
    )
}

#[cfg(test)]
mod tests {
    use super::bytes;
    use crate::policy::config::model::ByteSize;
    use crate::policy::rules::testing::Bench;

    const POLICY: &str = "
        [tracks.a]
        [rules.file-size]
        max-lines = 3
        max-bytes = 12
        max-growth = 2
        max-shrink = 1
        exclude = ['*.lock']
    ";

    /// Before, after, what the target has now where it moved on, what is found.
    type Row<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>, &'a [&'a str]);

    #[test]
    fn a_file_over_the_limit_may_not_grow() {
        let table: &[Row] = &[
            (None, Some("1\n2\n"), None, &[]),
            (None, Some("1\n2\n3\n4"), None, &["size.lines [4-4]", "size.growth []"]),
            (Some("1\n2\n3\n4\n5\n"), Some("1\n2\n3\n4\n"), None, &[]),
            (Some("1\n2\n3\n4\n5\n"), Some("1\n2\nx\n4\n5\n"), None, &[]),
            (Some("1\n2\n3\n4\n"), Some("1\n2\n3\n4\n5\n"), None, &["size.lines [4-5]"]),
            (Some("1\n"), Some("1\n2\n3\n4\n"), Some("1\n2\n3\n4\n5\n"), &[]),
            (Some("1\n2\n3\n"), Some("1\n"), None, &["size.shrink []"]),
            (Some("1\n2\n3\n"), None, None, &[]),
            (None, Some("1234567890123"), None, &["size.bytes []"]),
            (Some("1234567890123"), Some("123456789012x"), None, &[]),
            (None, Some("\n\n\n\n\0"), None, &[]),
        ];
        for (before, after, target, expected) in table {
            let mut bench = Bench::new(POLICY);
            bench.change("a", "x", (*before, *after));
            if target.is_some() {
                bench.on_target("a", "x", *target);
            }
            let found: Vec<String> = bench
                .findings()
                .iter()
                .map(|f| {
                    let lines: Vec<String> = f.lines.iter().map(|l| format!("{}-{}", l.first, l.last)).collect();
                    format!("{} [{}]", f.rule, lines.join(" "))
                })
                .collect();
            assert_eq!(found, *expected, "{before:?} {after:?} {target:?}");
        }
    }

    #[test]
    fn excluded_files_have_no_limit() {
        let mut bench = Bench::new(POLICY);
        bench.change("a", "x.lock", (None, Some("1\n2\n3\n4\n5\n6\n7\n8\n")));
        assert_eq!(bench.shown(), [""; 0]);
    }

    #[test]
    fn sizes_are_read_with_their_units() {
        for (text, expected) in [
            ("12", Some(12)),
            ("500kB", Some(500_000)),
            ("1 MiB", Some(1 << 20)),
            ("1mib", None),
            ("MiB", None),
            ("99999999999GiB", None),
        ] {
            assert_eq!(bytes(&ByteSize::Text(text.into())).ok(), expected, "{text}");
        }
    }
}
