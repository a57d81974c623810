//! How a scorecard is shown.
//!
//! Reports add no fact that is not in the card and decide nothing. A card for students is
//! made by [`Scorecard::for_audience`], so what a student may not know is gone before a format is chosen.

use crate::model::scorecard::Scorecard;

mod escape;
mod github;
mod ink;
mod json;
mod junit;
mod markdown;
mod terminal;
mod view;

#[cfg(test)]
mod tests;

/// How a report looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a person at a terminal.
    Terminal,
    /// The card itself.
    Json,
    /// For a pull request or a job summary.
    Markdown,
    /// For programs that show test results.
    Junit,
    /// Annotations of GitHub Actions.
    Github,
}

/// Whether a terminal report uses colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colors {
    /// Plain text.
    Off,
    /// ANSI colours.
    On,
}

impl From<bool> for Colors {
    fn from(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }
}

/// The report of a card, for the reader that the card is for.
pub fn render(card: &Scorecard, format: Format, colors: impl Into<Colors>) -> String {
    match format {
        Format::Terminal => escape::disarmed(&terminal::render(card, colors.into())),
        Format::Json => json::render(card),
        Format::Markdown => escape::disarmed(&markdown::render(card)),
        Format::Junit => escape::disarmed(&junit::render(card)),
        Format::Github => github::render(card, ""),
    }
}

/// Annotations for a submission that lies in a folder of the repository where they are shown.
pub fn annotations(card: &Scorecard, directory: &str) -> String {
    github::render(card, directory)
}
