//! Lines of a terminal report: indentation, wrapping, colours if they are wanted. Colour never carries meaning alone.

use super::Colors;

/// Text is wrapped at this column.
const WIDTH: usize = 100;

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Nothing special.
    Plain,
    /// A heading.
    Strong,
    /// It holds.
    Good,
    /// It does not hold.
    Bad,
    /// It is not certain.
    Doubt,
    /// Of less weight.
    Faint,
}

impl Ink {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Good => "32",
            Self::Bad => "31",
            Self::Doubt => "33",
            Self::Faint => "2",
        }
    }
}

/// A report that is being written. What is added must be harmless already, see `escape`.
pub struct Page {
    text: String,
    colors: Colors,
}

impl Page {
    /// An empty one.
    pub fn new(colors: Colors) -> Self {
        Self {
            text: String::new(),
            colors,
        }
    }

    /// An empty line.
    pub fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A line of one ink, not wrapped: code is pasted as it is.
    pub fn line(&mut self, indent: usize, ink: Ink, text: &str) {
        self.indented(indent, &[(ink, text)]);
    }

    /// A line of several inks.
    pub fn parts(&mut self, parts: &[(Ink, &str)]) {
        self.indented(0, parts);
    }

    /// A line of several inks that does not start at the margin.
    pub fn indented(&mut self, indent: usize, parts: &[(Ink, &str)]) {
        self.text.push_str(&" ".repeat(indent));
        for (ink, text) in parts.iter().filter(|(_, text)| !text.is_empty()) {
            self.paint(*ink, text);
        }
        self.text.push('\n');
    }

    /// Prose behind a label, wrapped at words.
    pub fn text(&mut self, indent: usize, label: &str, ink: Ink, text: &str) {
        let hang = indent + label.chars().count();
        for (at, line) in wrapped(text, WIDTH.saturating_sub(hang)).iter().enumerate() {
            if at == 0 {
                self.indented(indent, &[(ink, label), (ink, line)]);
            } else {
                self.line(hang, ink, line);
            }
        }
    }

    /// The report: no blanks at line ends, one line break at the end.
    pub fn finish(self) -> String {
        let lines: Vec<&str> = self.text.lines().map(str::trim_end).collect();
        lines.join("\n").trim_matches('\n').to_owned() + "\n"
    }

    fn paint(&mut self, ink: Ink, text: &str) {
        if self.colors == Colors::Off || ink == Ink::Plain {
            self.text.push_str(text);
        } else {
            self.text.push_str(&format!("\u{1b}[{}m{text}\u{1b}[0m", ink.code()));
        }
    }
}

/// Lines of at most so many characters, as far as words allow; never none.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let long = word.chars().count();
        if used > 0 && used + 1 + long > width {
            lines.push(String::new());
            used = 0;
        }
        let line = lines.last_mut().expect("there is always a line");
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += long;
    }
    lines
}
