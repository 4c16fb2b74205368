//! Reads what a Python file assigns, where that is written out: strings, `None`, lists and tuples. Runs nothing; what is
//! computed is said to be.

/// A value on the right of an assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A string.
    Text(String),
    /// `None`.
    Nothing,
    /// A list or a tuple.
    List(Vec<Value>),
    /// A call of a function of that name, dots included.
    Call(String),
    /// Anything else.
    Computed,
}

/// What the file gives to `name` where it is the first word of a statement: `None` where it never does. Given twice, or
/// changed afterwards, it is computed.
pub fn assigned(source: &str, name: &str) -> Option<Value> {
    let tokens = tokens(source);
    let starts = (0..tokens.len()).filter(|at| *at == 0 || tokens[at - 1] == Token::LineEnd);
    let mut found = None;
    for at in starts.filter(|at| tokens[*at] == Token::Name(name.to_owned())) {
        let mut reader = Reader { tokens: &tokens, at: at + 1 };
        let value = match reader.take().cloned() {
            Some(Token::Sign('=')) => reader.value(),
            // An annotation stands between the name and the value.
            Some(Token::Sign(':')) if reader.skip_to('=') => reader.value(),
            Some(Token::Sign(':')) => continue,
            _ => Value::Computed,
        };
        found = Some(if found.is_none() && reader.at_end() { value } else { Value::Computed });
    }
    found
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Name(String),
    /// `None` where escapes or a prefix make it something else than what is written.
    Text(Option<String>),
    Sign(char),
    /// Not inside brackets.
    LineEnd,
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl Reader<'_> {
    fn take(&mut self) -> Option<&Token> {
        self.at += 1;
        self.tokens.get(self.at - 1)
    }

    fn is(&self, sign: char) -> bool {
        self.tokens.get(self.at) == Some(&Token::Sign(sign))
    }

    fn at_end(&self) -> bool {
        matches!(self.tokens.get(self.at), None | Some(Token::LineEnd))
    }

    /// Goes behind the next `sign` of the line; whether there is one.
    fn skip_to(&mut self, sign: char) -> bool {
        while !self.at_end() {
            self.at += 1;
            if self.tokens[self.at - 1] == Token::Sign(sign) {
                return true;
            }
        }
        false
    }

    /// A value up to the comma, bracket or line end behind it.
    fn value(&mut self) -> Value {
        let value = match self.take().cloned() {
            Some(Token::Text(first)) => self.text(first),
            Some(Token::Name(name)) if name == "None" => Value::Nothing,
            Some(Token::Name(name)) => self.call(name),
            Some(Token::Sign('[')) => self.list(']').0,
            Some(Token::Sign('(')) => match self.list(')') {
                // Brackets around one value are no tuple.
                (Value::List(mut items), Trailing::No) if items.len() == 1 => items.remove(0),
                (list, _) => list,
            },
            _ => Value::Computed,
        };
        match self.tokens.get(self.at) {
            None | Some(Token::LineEnd | Token::Sign(',' | ']' | ')')) => value,
            Some(_) => {
                self.skip();
                Value::Computed
            }
        }
    }

    fn text(&mut self, first: Option<String>) -> Value {
        let mut text = first;
        while let Some(Token::Text(next)) = self.tokens.get(self.at) {
            text = text.zip(next.as_ref()).map(|(text, next)| text + next);
            self.at += 1;
        }
        text.map_or(Value::Computed, Value::Text)
    }

    fn call(&mut self, mut name: String) -> Value {
        while self.is('.') {
            self.at += 1;
            match self.take() {
                Some(Token::Name(part)) => name = format!("{name}.{part}"),
                _ => return Value::Computed,
            }
        }
        if !self.is('(') {
            return Value::Computed;
        }
        self.at += 1;
        self.skip();
        self.at += 1;
        Value::Call(name)
    }

    /// The values up to a closing bracket, and whether a comma stood before it.
    fn list(&mut self, close: char) -> (Value, Trailing) {
        let mut items = Vec::new();
        let mut trailing = Trailing::No;
        while !self.is(close) {
            if self.at >= self.tokens.len() {
                return (Value::Computed, trailing);
            }
            items.push(self.value());
            trailing = Trailing::No;
            if self.is(',') {
                self.at += 1;
                trailing = Trailing::Yes;
            } else if !self.is(close) {
                return (Value::Computed, trailing);
            }
        }
        self.at += 1;
        (Value::List(items), trailing)
    }

    /// Goes to the comma, bracket or line end behind what is not understood.
    fn skip(&mut self) {
        let mut depth = 0_usize;
        while let Some(token) = self.tokens.get(self.at) {
            match token {
                Token::Sign('(' | '[' | '{') => depth += 1,
                Token::Sign(')' | ']' | '}') if depth == 0 => return,
                Token::Sign(')' | ']' | '}') => depth -= 1,
                Token::LineEnd => return,
                _ => {}
            }
            self.at += 1;
        }
    }
}

enum Trailing {
    Yes,
    No,
}

fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = source;
    let mut depth = 0_usize;
    while let Some(c) = rest.chars().next() {
        let mut taken = c.len_utf8();
        match c {
            '#' => taken = rest.find('\n').unwrap_or(rest.len()),
            '\n' | ';' if depth == 0 => tokens.push(Token::LineEnd),
            // A line that is continued: the line end is no end.
            '\\' => taken = if rest[1..].starts_with("\r\n") { 3 } else { 2.min(rest.len()) },
            '"' | '\'' => {
                let (text, length) = quoted(rest, c);
                tokens.push(Token::Text(text));
                taken = length;
            }
            c if c.is_whitespace() => {}
            c if c.is_alphanumeric() || c == '_' => {
                taken = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                let is_prefix = taken <= 2 && rest[taken..].starts_with(['"', '\'']);
                match is_prefix.then(|| rest[..taken].to_ascii_lowercase()) {
                    Some(prefix) => {
                        let quote = rest[taken..].chars().next().expect("it starts with a quote");
                        let (text, length) = quoted(&rest[taken..], quote);
                        tokens.push(Token::Text(text.filter(|_| matches!(&*prefix, "r" | "u"))));
                        taken += length;
                    }
                    None => tokens.push(Token::Name(rest[..taken].to_owned())),
                }
            }
            c => {
                match c {
                    '(' | '[' | '{' => depth += 1,
                    ')' | ']' | '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                tokens.push(Token::Sign(c));
            }
        }
        // A character may be longer than what was meant to be passed over.
        while !rest.is_char_boundary(taken) {
            taken += 1;
        }
        rest = &rest[taken..];
    }
    tokens
}

/// The string that `text` begins with, and its length with the quotes.
fn quoted(text: &str, quote: char) -> (Option<String>, usize) {
    let triple = quote.to_string().repeat(3);
    let mark = if text.starts_with(&triple) { &triple[..] } else { &triple[..1] };
    let mut at = mark.len();
    let mut escaped = false;
    while at < text.len() && !text[at..].starts_with(mark) {
        let c = text[at..].chars().next().expect("it is not the end");
        escaped |= c == '\\';
        at += c.len_utf8();
        if c == '\\' {
            at += text[at..].chars().next().map_or(0, char::len_utf8);
        } else if c == '\n' && mark.len() == 1 {
            return (None, at - 1);
        }
    }
    let content = text[mark.len().min(at)..at].to_owned();
    ((!escaped && at < text.len()).then_some(content), (at + mark.len()).min(text.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Value, assigned};

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn what_is_written_out_is_read() {
        let list = |items: &[&str]| Value::List(items.iter().map(|item| text(item)).collect());
        for (source, expected) in [
            ("x = 'a'", Some(text("a"))),
            ("x: Union[str, None] = \"a\"  # why", Some(text("a"))),
            ("x: str\n", None),
            ("x = None\ny = 1", Some(Value::Nothing)),
            ("class A:\n    x = [\n        'a',  # ]\n        'b',\n    ]\n", Some(list(&["a", "b"]))),
            ("x = ('a', 'b')", Some(list(&["a", "b"]))),
            ("x = ('a',)", Some(list(&["a"]))),
            ("x = ('a')", Some(text("a"))),
            ("x = [('a', 'b'), f.g('c', [1])]", {
                Some(Value::List(vec![list(&["a", "b"]), Value::Call("f.g".to_owned())]))
            }),
            ("x = []", Some(Value::List(vec![]))),
            ("x = 'a' 'b'", Some(text("ab"))),
            ("x = \\\n  'a'", Some(text("a"))),
            ("'''\nx = 'no'\n'''\nx = 'a'", Some(text("a"))),
            ("# x = 'no'\ny.x = 'no'\nf(x='no')\nx = r'a'", Some(text("a"))),
            ("y = 'a'", None),
        ] {
            assert_eq!(assigned(source, "x"), expected, "{source}");
        }
    }

    #[test]
    fn what_is_computed_is_said_to_be() {
        for source in [
            "x = y",
            "x = 'a' + b",
            "x = f'a{b}'",
            "x = 'a\\x41'",
            "x = ['a'] + y",
            "x = 'a' if b else 'c'",
            "x = 'a'\nx = 'b'",
            "x = []\nx += ['a']",
            "x = []\nx.append('a')",
            "x = ['a'",
            "x = 'a",
        ] {
            assert_eq!(assigned(source, "x"), Some(Value::Computed), "{source}");
        }
        let expected = Value::List(vec![text("a"), Value::Computed]);
        assert_eq!(assigned("x = ['a', *y]", "x"), Some(expected));
    }

    proptest! {
        #[test]
        fn any_text_is_survived(source in r#"(x|=|:|'|"|'''|\[|\]|\(|\)|,|\\|#|\n| |é|f|r|\.){0,24}"#) {
            assigned(&source, "x");
        }
    }
}
