//! What in a configuration is a command, as exact text with its hash: nothing of it may run before somebody who saw it
//! approved it. What an approval is and where it is kept is not decided here.

use super::config::Config;
use super::config::model::Stage;
use super::gates;
use crate::model::hash::sha256;

/// What stands before everything that is hashed, so that the text of one kind never passes for that of another.
const PURPOSE: &str = "tracks commands 1";

/// Where in `tracks.toml` a command stands, which decides when it runs and on what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// `[setup] run`: in each new worktree.
    Setup,
    /// `[[gates]]`, by name: on the trees of its stage.
    Gate(String, Stage),
    /// `[contracts.NAME] check`: on the change of a contract.
    Contract(String),
    /// `[[regenerate]] run`: where generated files collide.
    Regenerate,
    /// `[sync] on-finding`: for each new finding.
    OnFinding,
}

impl Place {
    /// Its name for people, and for the hash: no two places share one. Not escaped.
    pub fn name(&self) -> String {
        match self {
            Place::Setup => "setup.run".into(),
            Place::Gate(name, at) => format!("gates.{name}.run, stage {}", at.name()),
            Place::Contract(name) => format!("contracts.{name}.check"),
            Place::Regenerate => "regenerate.run".into(),
            Place::OnFinding => "sync.on-finding".into(),
        }
    }
}

/// One command of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The name of the place where it stands.
    pub place: String,
    /// What a shell is given, to the letter.
    pub text: String,
}

/// Every command of a configuration, in the order in which they stand there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commands(Vec<Command>);

impl Commands {
    /// Those of a configuration.
    pub fn of(config: &Config) -> Commands {
        let setup = config.setup.run.iter().map(|text| (Place::Setup, text));
        let gates: Vec<_> =
            config.gates.iter().map(|gate| (Place::Gate(gate.name.clone(), gate.stage), gates::line(gate))).collect();
        let gates = gates.iter().map(|(place, line)| (place.clone(), line));
        let checks = config.contracts.iter();
        let checks = checks.filter_map(|(name, it)| Some((Place::Contract(name.clone()), it.check.as_ref()?)));
        let regenerate = config.regenerate.iter().map(|it| (Place::Regenerate, &it.run));
        let told = config.sync.on_finding.iter().map(|text| (Place::OnFinding, text));
        let all = setup.chain(gates).chain(checks).chain(regenerate).chain(told);
        Commands(all.map(|(place, text)| Command { place: place.name(), text: text.clone() }).collect())
    }

    /// The commands themselves.
    pub fn iter(&self) -> impl Iterator<Item = &Command> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this very command stands at this very place.
    pub fn holds(&self, place: &str, text: &str) -> bool {
        self.0.iter().any(|command| command.place == place && command.text == text)
    }

    /// The hash of all of them: SHA-256, 64 digits. Any change of a place, a text or the order is another hash.
    pub fn hash(&self) -> String {
        sha256(&self.record(PURPOSE))
    }

    /// All of them in one text that [`Commands::read`] reads, after `head`.
    pub fn record(&self, head: &str) -> Vec<u8> {
        let words = self.0.iter().flat_map(|command| [&command.place, &command.text]);
        let mut record = Vec::new();
        for word in std::iter::once(head).chain(words.map(String::as_str)) {
            // With its length, so that no text can pass for the end of one and the beginning of another.
            record.extend_from_slice(format!("{}:{word}\n", word.len()).as_bytes());
        }
        record
    }

    /// What [`Commands::record`] wrote, with its head; `None` where it is anything else.
    pub fn read(record: &[u8]) -> Option<(String, Commands)> {
        let mut words = Vec::new();
        let mut rest = std::str::from_utf8(record).ok()?;
        while !rest.is_empty() {
            let (length, after) = rest.split_once(':')?;
            let length: usize = length.parse().ok()?;
            words.push(after.get(..length)?.to_owned());
            rest = after.get(length..)?.strip_prefix('\n')?;
        }
        let mut words = words.into_iter();
        let head = words.next()?;
        let mut commands = Vec::new();
        while let Some(place) = words.next() {
            commands.push(Command { place, text: words.next()? });
        }
        Some((head, Commands(commands)))
    }
}

/// Whether a variable of the environment is a secret by its name: commands that judge what others wrote do not get it.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let ends = ["TOKEN", "_KEY", "SECRET", "PASSWORD", "PASSWD", "_PAT", "CREDENTIALS"];
    let holds = ["TOKEN_", "SECRET_", "ACCESS_KEY", "PRIVATE_KEY", "API_KEY"];
    name == "SSH_AUTH_SOCK"
        || ends.iter().any(|end| name.ends_with(end))
        || holds.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::{Commands, is_secret};
    use crate::policy::config::Config;

    fn commands(text: &str) -> Commands {
        Commands::of(&Config::parse(text, "tracks.toml").expect("valid"))
    }

    const ALL: &str = "[tracks.a]\n[setup]\nrun = ['one', 'two']\n[[gates]]\nname = 'types'\nrun = 'three'\n\
        [contracts.c]\ntrack = 'a'\npaths = ['x']\ncheck = 'four'\n[[regenerate]]\npaths = ['l']\nrun = 'five'\n\
        [sync]\non-finding = ['six']\n";

    #[test]
    fn whatever_runs_is_a_command() {
        let found: Vec<String> = commands(ALL).iter().map(|c| format!("{}: {}", c.place, c.text)).collect();
        let expected = [
            "setup.run: one",
            "setup.run: two",
            "gates.types.run, stage integration: three",
            "contracts.c.check: four",
            "regenerate.run: five",
            "sync.on-finding: six",
        ];
        assert_eq!(found, expected);
        assert!(commands("[tracks.a]\n[setup]\ncopy = ['.env']\n").is_empty());
    }

    #[test]
    fn every_difference_is_another_hash() {
        let texts = [
            ALL.to_owned(),
            ALL.replace("'one', 'two'", "'two', 'one'"),
            ALL.replace("'one', 'two'", "\"one\\n3:two\""),
            ALL.replace("'one', 'two'", "'one two'"),
            ALL.replace("'three'", "'three '"),
            ALL.replace("name = 'types'", "name = 'types'\nstage = 'track'"),
            ALL.replace("name = 'types'", "name = 'types'\nenv = { PATH = '.' }"),
            ALL.replace("'six'", "'six', ''"),
            String::new(),
        ];
        let hashes: std::collections::BTreeSet<String> = texts.iter().map(|text| commands(text).hash()).collect();
        assert_eq!(hashes.len(), texts.len());
        assert_eq!(commands(&ALL.replace("'l'", "'m'")).hash(), commands(ALL).hash());
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let odd = commands("[setup]\nrun = [\"a\\n5:b\\u001b[31m\", '']\n");
        assert_eq!(Commands::read(&odd.record("head")), Some(("head".into(), odd.clone())));
        for end in 0..odd.record("head").len() {
            assert_ne!(Commands::read(&odd.record("head")[..end]).map(|(_, read)| read), Some(odd.clone()));
        }
        for damaged in ["", "x", "3:ab", "99999999999999999999:a", "1:ä\n", "1:a\n1:b\n", "-1:a\n"] {
            assert_eq!(Commands::read(damaged.as_bytes()), None, "{damaged}");
        }
    }

    #[test]
    fn secrets_go_by_their_names() {
        for name in
            ["GITHUB_TOKEN", "OPENAI_API_KEY", "SSH_AUTH_SOCK", "AWS_SECRET_ACCESS_KEY", "npm_token", "DB_PASSWORD"]
        {
            assert!(is_secret(name), "{name}");
        }
        for name in ["PATH", "HOME", "KEYBOARD", "TOKENIZERS_PARALLELISM", "LANG", "MONKEY"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
