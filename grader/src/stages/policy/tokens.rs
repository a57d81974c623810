//! The tokens of a file as one flat list: groups are an opening and a closing token that know each other's place.
//!
//! Nothing here follows the nesting of a text with calls of its own, so that no text, however deep, can exhaust the stack.

use proc_macro2::{Delimiter, LexError, Spacing, Span, TokenStream, TokenTree};

/// One token.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// Where it is; only good in the thread that read the text.
    pub(super) span: Span,
}

/// What a token is. Comments are gone; doc comments are attributes, as the compiler sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// An identifier or a keyword, without `r#`.
    Word {
        /// Its name.
        name: Box<str>,
        /// Whether it was written with `r#`, and is no keyword.
        raw: bool,
    },
    /// A parameter of a macro, `$name`.
    Var,
    /// A lifetime or a label.
    Lifetime,
    /// A character of punctuation, and whether the next one follows without a space.
    Mark(char, bool),
    /// A literal as it is written.
    Literal(Box<str>),
    /// The start of a group; where it ends.
    Open(Delimiter, usize),
    /// The end of a group.
    Close(Delimiter),
}

/// The tokens of one text.
#[derive(Debug, Clone, Default)]
pub(super) struct Tokens {
    list: Vec<Token>,
}

impl Tokens {
    /// Reads a text. The place of what cannot be read is in the error.
    pub(super) fn read(text: &str) -> Result<Self, LexError> {
        Ok(Self::flatten(text.parse()?))
    }

    /// Reads a text that stands inside a literal: every token is where the literal is.
    pub(super) fn read_inside(text: &str, span: Span) -> Result<Self, LexError> {
        let mut tokens = Self::read(text)?;
        for token in &mut tokens.list {
            token.span = span;
        }
        Ok(tokens)
    }

    fn flatten(stream: TokenStream) -> Self {
        let mut list: Vec<Token> = Vec::new();
        let mut outer = Vec::new();
        let mut inner = stream.into_iter();
        loop {
            match inner.next() {
                Some(TokenTree::Group(group)) => {
                    let delimiter = group.delimiter();
                    outer.push((inner, list.len(), delimiter, group.span_close()));
                    list.push(Token {
                        kind: Kind::Open(delimiter, 0),
                        span: group.span_open(),
                    });
                    let stream = group.stream();
                    // With the group gone the stream has one owner, and is taken apart without a copy.
                    drop(group);
                    inner = stream.into_iter();
                }
                Some(TokenTree::Ident(word)) => {
                    let text = word.to_string();
                    let (name, raw) = text
                        .strip_prefix("r#")
                        .map_or((text.as_str(), false), |name| (name, true));
                    let before = list.last().map(|token| &token.kind);
                    let kind = match before {
                        Some(Kind::Mark('\'', _)) => Kind::Lifetime,
                        Some(Kind::Mark('$', _)) if name != "crate" => Kind::Var,
                        _ => Kind::Word { name: name.into(), raw },
                    };
                    if matches!(before, Some(Kind::Mark('\'' | '$', _))) {
                        list.pop();
                    }
                    list.push(Token {
                        kind,
                        span: word.span(),
                    });
                }
                Some(TokenTree::Punct(mark)) => list.push(Token {
                    kind: Kind::Mark(mark.as_char(), mark.spacing() == Spacing::Joint),
                    span: mark.span(),
                }),
                Some(TokenTree::Literal(literal)) => list.push(Token {
                    kind: Kind::Literal(literal.to_string().into()),
                    span: literal.span(),
                }),
                None => {
                    let Some((rest, open, delimiter, span)) = outer.pop() else {
                        return Self { list };
                    };
                    let close = list.len();
                    list[open].kind = Kind::Open(delimiter, close);
                    list.push(Token {
                        kind: Kind::Close(delimiter),
                        span,
                    });
                    inner = rest;
                }
            }
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Where a token is.
    pub(super) fn span(&self, at: usize) -> Span {
        self.list.get(at).map_or_else(Span::call_site, |token| token.span)
    }

    /// What a token is.
    pub(super) fn kind(&self, at: usize) -> Option<&Kind> {
        self.list.get(at).map(|token| &token.kind)
    }

    /// The name of an identifier or keyword, raw or not.
    pub(super) fn word(&self, at: usize) -> Option<&str> {
        match self.kind(at)? {
            Kind::Word { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The name of a keyword, or of an identifier that is not raw.
    pub(super) fn plain(&self, at: usize) -> Option<&str> {
        match self.kind(at)? {
            Kind::Word { name, raw: false } => Some(name),
            _ => None,
        }
    }

    /// Whether a token is this mark.
    pub(super) fn mark(&self, at: usize, mark: char) -> bool {
        matches!(self.kind(at), Some(Kind::Mark(found, _)) if *found == mark)
    }

    /// Whether `::` begins here.
    pub(super) fn separator(&self, at: usize) -> bool {
        matches!(self.kind(at), Some(Kind::Mark(':', true))) && self.mark(at + 1, ':')
    }

    /// Whether `::` ends right before this token.
    pub(super) fn after_separator(&self, at: usize) -> bool {
        at >= 2 && self.separator(at - 2)
    }

    /// The end of the group that begins here.
    pub(super) fn group(&self, at: usize) -> Option<(Delimiter, usize)> {
        match self.kind(at)? {
            Kind::Open(delimiter, close) => Some((*delimiter, *close)),
            _ => None,
        }
    }

    /// The end of the group that begins here, if it has these delimiters.
    pub(super) fn group_of(&self, at: usize, delimiter: Delimiter) -> Option<usize> {
        self.group(at)
            .and_then(|(found, close)| (found == delimiter).then_some(close))
    }

    /// If a macro is called here: the place of the group of its arguments. `here` is the last word of its path.
    pub(super) fn call(&self, at: usize) -> Option<usize> {
        (self.word(at).is_some() && self.mark(at + 1, '!') && self.group(at + 2).is_some()).then_some(at + 2)
    }

    /// If macro_rules defines a macro here: the place of its name.
    pub(super) fn definition(&self, at: usize) -> Option<usize> {
        let named = matches!(self.kind(at + 2), Some(Kind::Word { .. } | Kind::Var));
        (self.word(at) == Some("macro_rules") && self.mark(at + 1, '!') && named && self.group(at + 3).is_some())
            .then_some(at + 2)
    }

    /// If an attribute begins here: the place of its group, and whether it is one of the thing around it, `#![..]`.
    pub(super) fn attribute(&self, at: usize) -> Option<(usize, bool)> {
        if !self.mark(at, '#') {
            return None;
        }
        let inner = self.mark(at + 1, '!');
        let open = at + 1 + usize::from(inner);
        self.group_of(open, Delimiter::Bracket).map(|_| (open, inner))
    }

    /// The tokens without some ranges, which are in order and hold whole groups.
    pub(super) fn without(self, ranges: &[std::ops::Range<usize>]) -> Self {
        if ranges.is_empty() {
            return self;
        }
        let mut list = Vec::with_capacity(self.list.len());
        let mut open = Vec::new();
        let mut ranges = ranges.iter().peekable();
        for (at, token) in self.list.into_iter().enumerate() {
            while ranges.peek().is_some_and(|range| range.end <= at) {
                ranges.next();
            }
            if ranges.peek().is_some_and(|range| range.contains(&at)) {
                continue;
            }
            match token.kind {
                Kind::Open(..) => open.push(list.len()),
                Kind::Close(delimiter) => {
                    if let Some(open) = open.pop() {
                        list[open] = Token {
                            kind: Kind::Open(delimiter, list.len()),
                            ..list[open]
                        };
                    }
                }
                _ => {}
            }
            list.push(token);
        }
        Self { list }
    }
}
