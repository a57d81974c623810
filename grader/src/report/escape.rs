//! Text of a submission made harmless for the place where it is shown.

use std::fmt::Write;

/// One line of text for a terminal or a page: control characters, line ends, escape sequences and characters that change the direction of
/// what follows are spelled out.
pub fn line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmful(c) {
            spell(&mut shown, c)
        } else {
            shown.push(c)
        }
    }
    shown
}

/// The lines of a text, each harmless, tabs as four blanks.
pub fn lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(|text| line(&text.replace('\t', "    ")))
}

fn spell(shown: &mut String, c: char) {
    match c {
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        _ => write!(shown, "\\u{{{:x}}}", u32::from(c)).expect("a string takes all"),
    }
}

/// Whether a character could change how what is around it is shown.
pub fn is_harmful(c: char) -> bool {
    let invisible = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    c.is_control()
        || invisible
        || matches!(c, '\u{61c}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A report without lines that the log of a workflow would take for commands: `::name ...` and `##[name]`, wherever such a line starts.
pub fn disarmed(report: &str) -> String {
    let mut shown = String::with_capacity(report.len());
    for line in report.split_inclusive('\n') {
        let text = line.trim_start();
        if text.starts_with("::") || text.starts_with("##[") {
            let indent = &line[..line.len() - text.len()];
            shown.extend([indent, &text[..1], " ", &text[1..]]);
        } else {
            shown.push_str(line);
        }
    }
    shown
}

/// At most so many characters of a line.
pub fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Markdown that shows the text as it is, but for pairs of backticks, which make code of what is between them.
pub fn markdown_prose(text: &str) -> String {
    let text = line(text);
    let parts: Vec<&str> = text.split('`').collect();
    let paired = parts.len() % 2 == 1;
    if !paired || parts.iter().skip(1).step_by(2).any(|code| code.trim().is_empty()) {
        return markdown(&text);
    }
    let part = |(at, part): (usize, &&str)| {
        if at % 2 == 1 {
            format!("`{part}`")
        } else {
            markdown(part)
        }
    };
    parts.iter().enumerate().map(part).collect()
}

/// Markdown that shows the text as it is.
pub fn markdown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in line(text).chars() {
        match c {
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => shown.push_str("&amp;"),
            '@' => shown.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '#' | '|' | '~' | '!' | '$' => shown.extend(['\\', c]),
            _ => shown.push(c),
        }
    }
    shown
}

/// A block of Markdown code that its content cannot end.
pub fn fenced(language: &str, content: &[String]) -> String {
    let longest = content.iter().map(|line| longest_run(line)).max().unwrap_or_default();
    let fence = "`".repeat(3.max(longest + 1));
    let mut block = format!("{fence}{language}\n");
    for line in content {
        block.push_str(line);
        block.push('\n');
    }
    block.push_str(&fence);
    block.push('\n');
    block
}

fn longest_run(line: &str) -> usize {
    line.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

/// The message of a workflow command.
pub fn command(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a workflow command.
pub fn property(text: &str) -> String {
    command(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_a_cursor_or_turns_text_around_is_shown() {
        let shown = line("a\u{1b}[31mred\u{7}\r\nb\u{202e}c\u{2066}\u{200b}\u{feff}\u{9b}1m");
        assert_eq!(
            shown,
            "a\\u{1b}[31mred\\u{7}\\r\\nb\\u{202e}c\\u{2066}\\u{200b}\\u{feff}\\u{9b}1m"
        );
    }

    #[test]
    fn words_of_every_language_stay_as_they_are() {
        let text = "Événements « estampillés » : 日本 ∀x 🦀";
        assert_eq!(line(text), text);
    }

    #[test]
    fn a_block_of_code_cannot_be_ended_by_its_content() {
        assert_eq!(fenced("rust", &["a ```` b".to_owned()]), "`````rust\na ```` b\n`````\n");
    }

    #[test]
    fn markdown_takes_no_orders() {
        assert_eq!(
            markdown("<b>*x* [a](b) @me `c`|"),
            "&lt;b&gt;\\*x\\* \\[a\\]\\(b\\) &#64;me \\`c\\`\\|"
        );
    }

    #[test]
    fn code_in_prose_stays_code() {
        assert_eq!(markdown_prose("no `a_b` <i>"), "no `a_b` &lt;i&gt;");
        assert_eq!(markdown_prose("odd ` one"), "odd \\` one");
        assert_eq!(markdown_prose("empty `` one"), "empty \\`\\` one");
    }

    #[test]
    fn no_line_of_a_report_is_a_workflow_command() {
        let report = "a ::b\n  ::error title=x::y\n\t##[group]z\n";
        assert_eq!(disarmed(report), "a ::b\n  : :error title=x::y\n\t# #[group]z\n");
    }

    #[test]
    fn a_message_stays_one_workflow_command() {
        assert_eq!(command("50%\n::error::x"), "50%25%0A::error::x");
        assert_eq!(property("a:b,c\n"), "a%3Ab%2Cc%0A");
    }
}
