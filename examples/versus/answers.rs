//! Whether two answers to the same question are the same.

/// What both said to the same pairs.
#[derive(Clone, Copy, Default)]
pub struct Agreement {
    /// How many pairs they were asked about, over all rounds.
    pub asked: usize,
    /// On how many both said the same.
    pub agreeing: usize,
}

impl Agreement {
    /// Holds the `pairs` of a report against Git's answers, which are in the same order.
    pub fn count(&mut self, git: &[u8], json: &[u8]) {
        let (git, ours) = (clean_by_git(git), verdicts(json));
        assert_eq!(ours.len(), git.len(), "both were asked the same");
        let says = |verdict: &str, clean: bool| match verdict {
            "disjoint" | "clean" => clean,
            "conflict" => !clean,
            _ => false,
        };
        self.asked += git.len();
        self.agreeing += ours.iter().zip(&git).filter(|(verdict, clean)| says(verdict, **clean)).count();
    }
}

/// Every two of these, the earlier one first.
pub fn all_pairs(names: &[String]) -> Vec<(&str, &str)> {
    names.iter().enumerate().flat_map(|(at, a)| names[at + 1..].iter().map(move |b| (a.as_str(), b.as_str()))).collect()
}

/// Whether each merge was clean: the status that begins each answer, before the id of a tree.
fn clean_by_git(output: &[u8]) -> Vec<bool> {
    let fields: Vec<&[u8]> = output.split(|byte| *byte == 0).collect();
    let is_tree = |field: &&[u8]| field.len() == 40 && field.iter().all(u8::is_ascii_hexdigit);
    let starts = fields.windows(2).filter(|pair| matches!(pair[0], b"0" | b"1") && is_tree(&pair[1]));
    starts.map(|pair| pair[0] == b"1").collect()
}

fn verdicts(json: &[u8]) -> Vec<String> {
    let report = parsed(json);
    let pairs = report["pairs"].as_array().expect("pairs");
    pairs.iter().map(|pair| pair["verdict"].as_str().expect("a verdict").to_owned()).collect()
}

/// A report as `tracks` prints it.
pub fn parsed(json: &[u8]) -> serde_json::Value {
    serde_json::from_slice(json).expect("JSON")
}
