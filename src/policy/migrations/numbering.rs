//! Which version a migration gets so that nobody has it yet, and what a track's migrations are called once they come
//! after everybody else's. Plans only; nothing is renamed here.

use std::collections::BTreeMap;

use jiff::Span;
use jiff::civil::DateTime;

use super::migration::Migration;
use super::naming::Naming;
use super::version::{Version, VersionKind};
use crate::model::{Failure, RepoPath, TrackId};

/// A migration that gets another version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The file, or the folder where each migration is a folder.
    pub from: RepoPath,
    /// What it becomes.
    pub to: RepoPath,
    /// Its version as written.
    pub old: String,
    /// The new one.
    pub new: String,
}

/// A version that is taken, and how it is written.
pub type Taken = (Version, String);

/// The next version that is later than all that are taken, written as the newest of them is. `now` is in UTC.
///
/// Fails where no such version can be written, or versions have no order.
pub fn next(naming: &Naming, taken: &[Taken], now: DateTime) -> Result<String, Failure> {
    let newest = taken.iter().max_by(|a, b| a.0.cmp(&b.0));
    let fresh = fresh(naming.kind(), newest.map(|(_, text)| text.as_str()), now);
    let Some((newest, text)) = newest else { return Ok(fresh) };
    let candidates = [fresh, following(text)];
    let later = |text: &String| naming.version(text).is_some_and(|version| version > *newest);
    candidates.into_iter().find(later).ok_or_else(|| {
        Failure::usage(format!("there is no version after `{text}` that {} would sort behind it", naming.framework()))
            .hint("name the migration by hand")
    })
}

/// A version of now where versions are times, in the form of `like`; else what follows on `like`.
fn fresh(kind: Option<VersionKind>, like: Option<&str>, now: DateTime) -> String {
    let time = now.strftime("%Y%m%d%H%M%S").to_string();
    let Some(like) = like else {
        return match kind {
            Some(VersionKind::Date) => now.strftime("%Y_%m_%d_%H%M%S").to_string(),
            Some(VersionKind::Digits) => now.strftime("%Y-%m-%d-%H%M%S").to_string(),
            Some(VersionKind::Ms) => milliseconds(now),
            Some(VersionKind::Int32 | VersionKind::Dotted) => "1".to_owned(),
            _ => time,
        };
    };
    let digits: String = like.chars().filter(char::is_ascii_digit).collect();
    let is_time = digits.starts_with("19") || digits.starts_with("20");
    match (kind, digits.len()) {
        (Some(VersionKind::Ms), _) => milliseconds(now),
        (_, 12 | 14) if is_time => laid_out(like, &time),
        (Some(VersionKind::Int | VersionKind::Text) | None, 8) if is_time && digits.len() == like.len() => time,
        _ => following(like),
    }
}

fn milliseconds(now: DateTime) -> String {
    now.to_zoned(jiff::tz::TimeZone::UTC).map_or(String::new(), |now| now.timestamp().as_millisecond().to_string())
}

/// `digits` in the place of those of `like`.
fn laid_out(like: &str, digits: &str) -> String {
    let mut digits = digits.chars();
    like.chars().map(|c| if c.is_ascii_digit() { digits.next().unwrap_or('0') } else { c }).collect()
}

/// One more: a second later for a time, else the last number plus one, as wide as before.
fn following(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if let Some(time) = (digits.len() == 14).then(|| DateTime::strptime("%Y%m%d%H%M%S", &digits).ok()).flatten()
        && let Ok(later) = time.checked_add(Span::new().seconds(1))
    {
        return laid_out(text, &later.strftime("%Y%m%d%H%M%S").to_string());
    }
    let start = text.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    let (front, last) = text.split_at(start);
    format!("{front}{}", plus_one(last))
}

fn plus_one(number: &str) -> String {
    let mut digits: Vec<u8> = number.bytes().collect();
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return String::from_utf8(digits).expect("digits are ASCII");
        }
        *digit = b'0';
    }
    format!("1{}", String::from_utf8(digits).expect("digits are ASCII"))
}

/// What `track` must rename so that each of its migrations comes after the target's and has a version of its own. `all`
/// are those of the target (`None`) and of every track.
///
/// Fails as [`next`] does.
pub fn renumber(
    naming: &Naming,
    all: &[(Option<TrackId>, Migration)],
    track: &TrackId,
    now: DateTime,
) -> Result<Vec<Move>, Failure> {
    let mut own: BTreeMap<(&RepoPath, &Version, &str), Vec<&Migration>> = BTreeMap::new();
    for (_, migration) in all.iter().filter(|(holder, _)| holder.as_ref() == Some(track)) {
        own.entry((&migration.set, &migration.version, migration.group("n"))).or_default().push(migration);
    }
    let mut moves = Vec::new();
    let mut last: BTreeMap<&RepoPath, Version> = BTreeMap::new();
    let mut given: BTreeMap<&RepoPath, Vec<Taken>> = BTreeMap::new();
    for ((set, version, _), parts) in own {
        let in_set = || all.iter().filter(|(_, other)| other.set == *set);
        let landed = in_set().filter(|(holder, _)| holder.is_none()).map(|(_, other)| &other.version).max();
        let others = in_set().filter(|(holder, _)| holder.as_ref() != Some(track));
        let given = given.entry(set).or_default();
        let is_taken =
            others.map(|(_, other)| &other.version).chain(given.iter().map(|(v, _)| v)).any(|v| v == version);
        let before = last.get(set).or(landed);
        if !is_taken && before.is_none_or(|before| version > before) {
            last.insert(set, version.clone());
            given.push((version.clone(), parts[0].version_text.clone()));
            continue;
        }
        let taken = in_set().map(|(_, other)| (other.version.clone(), other.version_text.clone()));
        let new = next(naming, &taken.chain(given.iter().cloned()).collect::<Vec<_>>(), now)?;
        let read = naming.version(&new).expect("`next` has read it");
        given.push((read.clone(), new.clone()));
        last.insert(set, read);
        moves.extend(parts.into_iter().map(|part| Move {
            from: part.path.clone(),
            to: part.with_version(&new),
            old: part.version_text.clone(),
            new: new.clone(),
        }));
    }
    Ok(moves)
}

/// A text with the new names of what was moved; in a file that is moved itself (`is_moved`), long versions too.
/// `None` where nothing changes.
pub fn rewritten(text: &str, moves: &[Move], is_moved: bool) -> Option<String> {
    let mut out = text.to_owned();
    for change in moves {
        let (from, to) = (stem(&change.from), stem(&change.to));
        out = replaced(&out, &from, &to, |c| c.is_alphanumeric() || c == '_');
        // A short number could be anything.
        if is_moved && change.old.len() >= 8 {
            out = replaced(&out, &change.old, &change.new, |c| c.is_ascii_digit());
        }
    }
    (out != text).then_some(out)
}

/// The name of a migration up to its first dot.
fn stem(path: &RepoPath) -> String {
    let name = path.file_name().to_string();
    name.split('.').next().unwrap_or_default().to_owned()
}

/// `text` with `from` replaced where no character that `joins` stands beside it.
fn replaced(text: &str, from: &str, to: &str, joins: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(from).filter(|_| !from.is_empty()) {
        let end = at + from.len();
        let before = rest[..at].chars().next_back().or_else(|| out.chars().next_back());
        let alone = !before.is_some_and(&joins) && !rest[end..].chars().next().is_some_and(&joins);
        out.push_str(&rest[..at]);
        out.push_str(if alone { to } else { from });
        rest = &rest[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use jiff::civil::datetime;

    use super::{Move, Naming, Taken, next, renumber, rewritten};
    use crate::model::{RepoPath, TrackId};
    use crate::policy::migrations::migration::Reading;

    /// Preset, the target's migrations, another track's, the track's own, and what becomes of these.
    type Row<'a> = (&'a str, &'a [&'a str], &'a [&'a str], &'a [&'a str], &'a [&'a str]);

    fn naming(preset: &str) -> Naming {
        let rules = toml::from_str(&format!("preset = '{preset}'")).expect("valid");
        Naming::new(&rules, [].iter()).expect("valid")
    }

    #[test]
    fn the_next_version_is_written_as_the_newest() {
        let now = datetime(2024, 10, 2, 12, 30, 5, 0);
        for (preset, taken, expected) in [
            ("supabase", &["20241001000001"][..], "20241002123005"),
            ("supabase", &["20241001"], "20241002123005"),
            ("supabase", &["20251231235959"], "20260101000000"),
            ("supabase", &["0007", "0012"], "0013"),
            ("supabase", &[], "20241002123005"),
            ("goose", &["00009", "00010"], "00011"),
            ("goose", &["99"], "100"),
            ("flyway", &["1.2", "1.10"], "1.11"),
            ("flyway", &["2_9"], "2_10"),
            ("flyway", &[], "1"),
            ("diesel", &["2024-10-01-120000"], "2024-10-02-123005"),
            ("laravel", &["2024_10_05_120000"], "2024_10_05_120001"),
            ("typeorm", &["1727784000000"], "1727872205000"),
            ("atlas", &["9"], "error"),
        ] {
            let naming = naming(preset);
            let taken: Vec<Taken> =
                taken.iter().map(|text| (naming.version(text).expect("valid"), (*text).to_owned())).collect();
            let found = next(&naming, &taken, now).unwrap_or("error".into());
            assert_eq!(found, expected, "{preset} {taken:?}");
        }
    }

    #[test]
    fn a_track_comes_after_everybody_else() {
        let table: &[Row] = &[
            ("goose", &["1_x.sql"], &[], &["2_a.sql"], &[]),
            ("goose", &["3_x.sql"], &[], &["2_a.sql", "4_b.sql"], &["2_a.sql → 5_a.sql", "4_b.sql → 6_b.sql"]),
            ("goose", &["1_x.sql"], &["2_y.sql", "7_z.sql"], &["2_a.sql"], &["2_a.sql → 8_a.sql"]),
            ("goose", &[], &[], &["2_a.sql", "2_b.sql"], &["2_b.sql → 3_b.sql"]),
            (
                "golang-migrate",
                &["000001_x.up.sql", "000001_x.down.sql"],
                &[],
                &["000001_a.down.sql", "000001_a.up.sql"],
                &["000001_a.down.sql → 000002_a.down.sql", "000001_a.up.sql → 000002_a.up.sql"],
            ),
        ];
        let now = datetime(2024, 10, 2, 12, 30, 5, 0);
        let id = |id: &str| TrackId::new(id).expect("valid");
        for (preset, target, others, own, expected) in table {
            let naming = naming(preset);
            let read = |holder: Option<&str>, names: &[&str]| {
                let holder = holder.map(id);
                let one = |name: &&str| match naming.read(&RepoPath::new(format!("migrations/{name}"))) {
                    Reading::Migration(migration) => (holder.clone(), migration),
                    other => panic!("{name}: {other:?}"),
                };
                names.iter().map(one).collect::<Vec<_>>()
            };
            let all = [read(None, target), read(Some("b"), others), read(Some("a"), own)].concat();
            let moves = renumber(&naming, &all, &id("a"), now).expect("fits");
            let shown: Vec<String> =
                moves.iter().map(|m| format!("{} → {}", m.from.file_name(), m.to.file_name())).collect();
            assert_eq!(shown, *expected, "{preset} {target:?} {others:?} {own:?}");
        }
    }

    #[test]
    fn names_are_followed_and_numbers_only_where_they_are_meant() {
        let moves = [Move {
            from: RepoPath::new("m/20241001000001_x.sql"),
            to: RepoPath::new("m/20241002000000_x.sql"),
            old: "20241001000001".into(),
            new: "20241002000000".into(),
        }];
        let text = "see 20241001000001_x and 20241001000001_xy; class X20241001000001";
        let expected = "see 20241002000000_x and 20241001000001_xy; class X20241001000001";
        assert_eq!(rewritten(text, &moves, false).as_deref(), Some(expected));
        let expected = "see 20241002000000_x and 20241002000000_xy; class X20241002000000";
        assert_eq!(rewritten(text, &moves, true).as_deref(), Some(expected));
        assert_eq!(rewritten("nothing", &moves, true), None);
    }
}
