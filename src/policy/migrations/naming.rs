//! Reads a path as a migration: by a preset or the user's own pattern, with the track's token after the version.

use bstr::BStr;
use regex::bytes::{Regex, RegexBuilder};

use super::migration::{Key, Migration, Reading, Subject, Token, group_text};
use super::preset::{EntryKind, Preset, preset, presets};
use super::version::{Version, VersionKind};
use crate::model::text::{escaped, list};
use crate::model::{Failure, RepoPath, TrackId};
use crate::policy::config::model::{Dialect, Migrations};
use crate::policy::ownership::globs::{Globs, PathKind};

/// How large a compiled pattern may be, in bytes.
pub const PATTERN_LIMIT: usize = 1 << 20;

/// What the configuration says about migrations, compiled.
#[derive(Clone, Debug)]
pub struct Naming {
    preset: Option<(String, &'static Preset)>,
    pattern: Regex,
    also: Option<Regex>,
    directories: Globs,
    fixed_directories: Vec<RepoPath>,
    sidecars: Globs,
    unique: Vec<Vec<String>>,
    tokens: Vec<(TrackId, String)>,
    require_token: bool,
    dialect: Option<Dialect>,
}

impl Naming {
    /// Compiles what `tracks.toml` says for these tracks.
    ///
    /// Fails on an unknown preset, a pattern that is not valid or has no group `v`, and where neither says how
    /// migrations are named or where they are kept.
    pub fn new<'t>(rules: &Migrations, tracks: impl Iterator<Item = &'t TrackId>) -> Result<Naming, Failure> {
        let known = rules.preset.as_deref().map(|name| named(name).map(|preset| (name.to_owned(), preset)));
        let preset = known.transpose()?;
        let facts = preset.as_ref().map(|(_, preset)| *preset);
        let written = rules.pattern.as_ref().or(facts.map(|preset| &preset.pattern)).ok_or_else(|| {
            Failure::usage("`rules.migrations` has neither `preset` nor `pattern`")
                .hint(format!("presets: {}", names()))
        })?;
        let pattern = compile(written)?;
        let unique = match facts {
            Some(preset) => preset.unique.clone(),
            None => vec![vec!["v".to_owned(), "k".to_owned(), "d".to_owned()]],
        };
        let named = pattern.capture_names().flatten().any(|group| group == "track");
        let template = rules.token.as_deref().or(named.then_some("{track}"));
        let with_token = |track: &'t TrackId| Some((track.clone(), token(template?, track)));
        Ok(Naming {
            also: facts.and_then(|preset| preset.also.as_deref()).map(compile_any).transpose()?,
            directories: directories(rules, facts)?,
            fixed_directories: chosen(rules, facts).iter().filter_map(|folder| fixed(folder)).collect(),
            sidecars: Globs::new("rules.migrations.sidecars", facts.map_or(&[], |preset| &preset.sidecars))?,
            require_token: rules.require_token,
            dialect: rules.dialect,
            preset,
            pattern,
            unique,
            tokens: tracks.filter_map(with_token).collect(),
        })
    }

    /// What is known of the framework; `None` for the user's own pattern alone.
    pub fn preset(&self) -> Option<&'static Preset> {
        self.preset.as_ref().map(|(_, preset)| *preset)
    }

    /// The framework's name in a sentence.
    pub fn framework(&self) -> &str {
        self.preset.as_ref().map_or("the migration tool", |(name, _)| name)
    }

    /// Whether every new migration must carry its track's token.
    pub fn requires_token(&self) -> bool {
        self.require_token && !self.tokens.is_empty()
    }

    /// The token of a track; `None` where there are no tokens, or no such track.
    pub fn token(&self, track: &TrackId) -> Option<&str> {
        self.tokens.iter().find(|(id, _)| id == track).map(|(_, token)| token.as_str())
    }

    /// Whether migrations are kept in a folder.
    pub fn is_home(&self, folder: &RepoPath) -> bool {
        self.directories.decide_itself(folder, PathKind::Folder).is_some_and(|hit| !hit.negated)
    }

    /// The folders that are named without wildcards.
    pub fn fixed_directories(&self) -> &[RepoPath] {
        &self.fixed_directories
    }

    /// Whether the framework writes a path along with each migration.
    pub fn is_sidecar(&self, path: &RepoPath) -> bool {
        self.sidecars.contains(path)
    }

    /// The database whose SQL is spoken, where that is known.
    pub fn dialect(&self) -> Option<Dialect> {
        self.dialect.or(self.preset()?.dialect)
    }

    /// Whether a path is a migration or a part of one.
    pub fn covers(&self, path: &RepoPath) -> bool {
        matches!(self.read(path), Reading::Migration(_))
    }

    /// Reads the path of a file.
    pub fn read(&self, path: &RepoPath) -> Reading {
        let Some(place) = self.place(path) else { return Reading::Other };
        if self.sidecars.contains(path) {
            return Reading::Other;
        }
        let name = place.entry.file_name();
        if self.also.as_ref().is_some_and(|also| also.is_match(name)) {
            return Reading::Other;
        }
        let Some(groups) = self.pattern.captures(name) else {
            return self.not_matching(place);
        };
        let version_text = group_text(&groups, "v");
        let Some(version) = self.version(&version_text) else {
            let reason = format!("has a version that {} cannot read", self.framework());
            return Reading::Malformed { path: place.entry, reason };
        };
        Reading::Migration(Migration::new([place.entry.clone(), place.set], version, &groups))
    }

    /// The keys of a migration; two migrations of one key in one set are duplicates.
    pub fn keys(&self, migration: &Migration) -> Vec<Key> {
        let subject =
            |groups: &[String]| if groups.iter().any(|g| g == "v") { Subject::Version } else { Subject::Name };
        self.unique.iter().map(|groups| Key { subject: subject(groups), value: self.key(migration, groups) }).collect()
    }

    /// Whose token the name carries, for a migration that `track` adds. A word that is no track's token is a part of
    /// the name, and so is one that another track's token only begins.
    pub fn token_of(&self, migration: &Migration, track: &TrackId) -> Token<'_> {
        let name = match migration.group("track") {
            "" => migration.group("n").trim_start_matches(['_', '-']),
            word => word,
        };
        let carries = |token: &str| name.strip_prefix(token).is_some_and(ends_word);
        if self.token(track).is_some_and(carries) {
            return Token::Own;
        }
        // The ids `auth` and `auth_api` both begin `auth_api_keys`: the longer is meant.
        let others = self.tokens.iter().filter(|(id, token)| id != track && carries(token));
        others.max_by_key(|(_, token)| token.len()).map_or(Token::Missing, |(id, _)| Token::Other(id))
    }

    fn place(&self, path: &RepoPath) -> Option<Place> {
        let holds = |folder: &RepoPath| self.is_home(folder);
        let folders = || std::iter::successors(path.parent(), RepoPath::parent);
        match self.preset().map_or(EntryKind::File, |preset| preset.entry) {
            EntryKind::Directory => {
                let entry = folders().find(|folder| folder.parent().is_some_and(|above| holds(&above)))?;
                let set = entry.parent()?;
                Some(Place { entry, set, reach: Reach::Direct })
            }
            EntryKind::File => {
                let folder = folders().find(holds)?;
                let parent = path.parent()?;
                let recursive = self.preset().is_some_and(|preset| preset.recursive);
                let reach = if recursive || parent == folder { Reach::Direct } else { Reach::Below };
                let set = if recursive { folder } else { parent };
                Some(Place { entry: path.clone(), set, reach })
            }
        }
    }

    /// Reads a version as the framework does; `None` where it could not.
    pub fn version(&self, text: &str) -> Option<Version> {
        match self.preset() {
            Some(preset) => Version::read(preset.version, text),
            None => Some(Version::guess(text)),
        }
    }

    fn not_matching(&self, place: Place) -> Reading {
        let name = place.entry.file_name();
        let folder = self.preset().is_some_and(|preset| preset.entry == EntryKind::Directory);
        let meant = folder && !name.starts_with(b"_") && !name.starts_with(b".") || looks_like_migration(name);
        if place.reach == Reach::Below || !meant {
            return Reading::Other;
        }
        let example = self.preset().and_then(|preset| preset.ok.first());
        let like = example.map_or_else(
            || format!("match `{}`", escaped(self.pattern.as_str().as_bytes())),
            |ok| format!("look like `{ok}`"),
        );
        let reason = format!("is not a name that {} reads: it should {like}", self.framework());
        Reading::Malformed { path: place.entry, reason }
    }

    fn key(&self, migration: &Migration, groups: &[String]) -> String {
        let values = groups.iter().map(|group| match group.as_str() {
            "v" if self.kind() == Some(VersionKind::None) => migration.version_text.clone(),
            "v" => format!("{:?}", migration.version),
            // Without a direction a migration is what the `up` of a pair is.
            "d" => self.preset().map_or(&migration.part, |preset| leading(&preset.pair, &migration.part)).clone(),
            group => migration.group(group).to_owned(),
        });
        values.collect::<Vec<_>>().join("\0")
    }

    /// How versions compare; `None` for a framework that is not known.
    pub fn kind(&self) -> Option<VersionKind> {
        self.preset().map(|preset| preset.version)
    }
}

/// Where a path lies among the migrations.
struct Place {
    entry: RepoPath,
    set: RepoPath,
    reach: Reach,
}

/// Whether the framework is known to look where an entry lies.
#[derive(PartialEq)]
enum Reach {
    Direct,
    Below,
}

fn named(name: &str) -> Result<&'static Preset, Failure> {
    preset(name).ok_or_else(|| {
        Failure::usage(format!("`rules.migrations.preset`: there is no preset `{name}`"))
            .hint(format!("presets: {}", names()))
    })
}

fn names() -> String {
    list(&presets().keys().collect::<Vec<_>>())
}

fn compile(pattern: &str) -> Result<Regex, Failure> {
    let compiled = compile_any(pattern)?;
    if !compiled.capture_names().flatten().any(|group| group == "v") {
        return Err(Failure::usage("`rules.migrations.pattern` has no group `v` for the version")
            .hint("write the version as `(?P<v>[0-9]+)`"));
    }
    Ok(compiled)
}

fn compile_any(pattern: &str) -> Result<Regex, Failure> {
    RegexBuilder::new(pattern)
        .size_limit(PATTERN_LIMIT)
        .build()
        .map_err(|error| Failure::usage(format!("`rules.migrations.pattern` is not valid: {error}")))
}

/// The folders as they are written: by the user, else in the preset.
fn chosen<'a>(rules: &'a Migrations, facts: Option<&'a Preset>) -> &'a [String] {
    let known = facts.map_or(&[][..], |preset| &preset.directories);
    if rules.directories.is_empty() { known } else { &rules.directories }
}

fn fixed(folder: &str) -> Option<RepoPath> {
    let folder = folder.trim_end_matches("/**");
    RepoPath::try_new(folder).filter(|_| !folder.contains(['*', '?', '[', '\\', '!']))
}

/// Folders are meant from the root, also those of one part, which gitignore would look for anywhere.
fn directories(rules: &Migrations, facts: Option<&Preset>) -> Result<Globs, Failure> {
    let chosen = chosen(rules, facts);
    if chosen.is_empty() {
        return Err(Failure::usage("`rules.migrations` does not say where migrations are kept")
            .hint("name the folders in `directories`"));
    }
    let anchored: Vec<String> =
        chosen.iter().map(|folder| format!("/{}", folder.trim_end_matches("/**").trim_matches('/'))).collect();
    Globs::new("rules.migrations.directories", &anchored)
}

/// The token of a track: `{track}` is its id, `{TRACK}` its id in capitals.
fn token(template: &str, track: &TrackId) -> String {
    template.replace("{track}", track.as_str()).replace("{TRACK}", &track.as_str().to_ascii_uppercase())
}

/// Whether a word ends where `rest` begins.
fn ends_word(rest: &str) -> bool {
    rest.chars().next().is_none_or(|c| !c.is_alphanumeric())
}

/// SQL, or a name that begins with a version. Frameworks keep helpers, indexes and notes beside their migrations, and
/// a false alarm about those would be worse than silence.
fn looks_like_migration(name: &BStr) -> bool {
    let letters = name.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let hidden = name.starts_with(b"_") || name.starts_with(b".");
    let versioned = letters <= 1 && name.get(letters).is_some_and(u8::is_ascii_digit);
    !hidden && (name.ends_with(b".sql") || versioned)
}

fn leading<'a>(pair: &'a [String], part: &'a String) -> &'a String {
    if part.is_empty() { pair.first().unwrap_or(part) } else { part }
}

#[cfg(test)]
mod tests {
    use super::{Naming, Reading, Token};
    use crate::model::{RepoPath, TrackId};

    fn track(id: &str) -> TrackId {
        TrackId::new(id).expect("valid")
    }

    fn naming(rules: &str) -> Naming {
        let tracks = ["a", "auth", "auth_api"].map(track);
        Naming::new(&toml::from_str(rules).expect("valid"), tracks.iter()).expect("valid")
    }

    #[test]
    fn paths_are_read_as_the_framework_does() {
        for (rules, path, expected) in [
            ("preset = 'supabase'", "supabase/migrations/1_a.sql", "1 in supabase/migrations"),
            ("preset = 'supabase'", "x/supabase/migrations/1_a.sql", "-"),
            ("preset = 'supabase'", "supabase/migrations/a.sql", "malformed"),
            ("preset = 'supabase'", "supabase/migrations/README.md", "-"),
            ("preset = 'rails'\ndirectories = ['db/migrate/']", "db/migrate/1_createUsers.rb", "malformed"),
            ("preset = 'rails'", "db/migrate/archive/1_x.rb", "1 in db/migrate"),
            ("preset = 'sqlx'", "x/migrations/sqlite/1_x.sql", "1 in x/migrations/sqlite"),
            ("preset = 'sqlx'", "x/migrations/sqlite/seed.sql", "-"),
            ("preset = 'django'", "app/migrations/__init__.py", "-"),
            ("preset = 'flyway'", "src/db/migration/R__view.sql", "-"),
            ("preset = 'flyway'", "src/db/migration/V1_view.sql", "malformed"),
            ("preset = 'refinery'", "migrations/V9999999999__x.sql", "malformed"),
            ("preset = 'drizzle'", "drizzle/meta/0001_snapshot.json", "-"),
            ("preset = 'diesel'", "migrations/2024-10-01-120000_x/up.sql", "2024-10-01-120000 in migrations"),
            ("preset = 'diesel'", "migrations/create_users/up.sql", "malformed"),
            ("preset = 'diesel'", "migrations/.keep", "-"),
            ("pattern = '(?P<v>[0-9]+).*'\ndirectories = ['m']", "m/7x", "7 in m"),
            ("pattern = '(?P<v>[0-9]+).*'\ndirectories = ['m']", "x/m/7x", "-"),
        ] {
            let found = match naming(rules).read(&RepoPath::new(path)) {
                Reading::Other => "-".to_owned(),
                Reading::Malformed { .. } => "malformed".to_owned(),
                Reading::Migration(migration) => format!("{} in {}", migration.version_text, migration.set),
            };
            assert_eq!(found, expected, "{rules} {path}");
        }
    }

    #[test]
    fn a_token_is_a_whole_word_of_a_declared_track() {
        let supabase = "preset = 'supabase'\ntoken = '{track}'";
        let capitals = "preset = 'supabase'\ntoken = 'track{TRACK}'";
        let named = "preset = 'tracks'\ndirectories = ['supabase/migrations']";
        let auth_api = track("auth_api");
        for (rules, name, expected) in [
            (supabase, "1_auth_users", Token::Own),
            (supabase, "1_auth", Token::Own),
            (supabase, "1_users_auth", Token::Missing),
            (supabase, "1_authors", Token::Missing),
            (supabase, "1_a_users", Token::Other(&track("a"))),
            (supabase, "1_auth_api_keys", Token::Own),
            (supabase, "1_b_users", Token::Missing),
            (capitals, "1_trackAUTH_x", Token::Own),
            (capitals, "1_trackA_x", Token::Other(&track("a"))),
            (capitals, "1_auth_x", Token::Missing),
            (capitals, "1_trackAUTH_API_x", Token::Own),
            (named, "20241001_auth_x", Token::Own),
            (named, "20241001_track-a_x", Token::Missing),
            ("preset = 'supabase'", "1_a_users", Token::Missing),
        ] {
            let naming = naming(rules);
            let path = RepoPath::new(format!("supabase/migrations/{name}.sql"));
            let Reading::Migration(migration) = naming.read(&path) else { panic!("{name} is a migration") };
            assert_eq!(naming.token_of(&migration, &track("auth")), expected, "{rules} {name}");
        }
        let naming = naming(supabase);
        let Reading::Migration(keys) = naming.read(&RepoPath::new("supabase/migrations/1_auth_api_keys.sql")) else {
            panic!("it is a migration")
        };
        assert_eq!(naming.token_of(&keys, &track("a")), Token::Other(&auth_api));
    }

    #[test]
    fn the_token_goes_right_behind_the_version() {
        for (rules, path, expected) in [
            ("preset = 'supabase'", "supabase/migrations/1_x.sql", "supabase/migrations/1_a_x.sql"),
            ("preset = 'flyway'", "db/migration/V1__x.sql", "db/migration/V1__a_x.sql"),
            ("preset = 'dbmate'", "db/migrations/1_x.sql", "db/migrations/1_a_x.sql"),
        ] {
            let Reading::Migration(migration) = naming(rules).read(&RepoPath::new(path)) else {
                panic!("{path} is a migration")
            };
            assert_eq!(migration.with_token("a"), RepoPath::new(expected));
        }
    }

    #[test]
    fn what_says_too_little_is_refused() {
        for (rules, message) in [
            ("", "`rules.migrations` has neither `preset` nor `pattern`"),
            ("preset = 'x'", "`rules.migrations.preset`: there is no preset `x`"),
            ("pattern = 'x'", "`rules.migrations.pattern` has no group `v` for the version"),
            ("pattern = '(?P<v>x)'", "`rules.migrations` does not say where migrations are kept"),
        ] {
            let failure = Naming::new(&toml::from_str(rules).expect("valid"), [].iter()).expect_err(rules);
            assert_eq!(failure.message, message);
        }
    }
}
