//! A letter: a few sentences and perhaps one link, as text and as simple HTML.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// What a mail says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// Sentences before the link.
    pub paragraphs: Vec<String>,
    /// What the link does, and where it leads.
    pub link: Option<(String, String)>,
    /// Sentences after it, in small print.
    pub afterwards: Vec<String>,
    /// Who signs.
    pub signature: String,
}

impl Letter {
    /// As text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for paragraph in &self.paragraphs {
            let _ = write!(text, "{}\r\n\r\n", one_line(paragraph));
        }
        if let Some((label, url)) = &self.link {
            let _ = write!(text, "{}:\r\n{url}\r\n\r\n", one_line(label));
        }
        for paragraph in &self.afterwards {
            let _ = write!(text, "{}\r\n\r\n", one_line(paragraph));
        }
        let _ = write!(text, "{}\r\n", one_line(&self.signature));
        text
    }

    /// As HTML without anything to load.
    pub fn html(&self) -> String {
        let mut html = String::from(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"></head>\
             <body style=\"font:16px/1.5 system-ui,sans-serif;max-width:36em;margin:2em auto;padding:0 1em\">",
        );
        for paragraph in &self.paragraphs {
            let _ = write!(html, "<p>{}</p>", escape(paragraph));
        }
        if let Some((label, url)) = &self.link {
            let url = escape(url);
            let _ = write!(html, "<p><a href=\"{url}\"><b>{}</b></a></p>", escape(label));
            let _ = write!(html, "<p style=\"font-size:13px\">If the link does not open, copy this address:<br>{url}</p>");
        }
        for paragraph in &self.afterwards {
            let _ = write!(html, "<p style=\"font-size:13px\">{}</p>", escape(paragraph));
        }
        let _ = write!(html, "<p>{}</p></body></html>", escape(&self.signature));
        html
    }
}

/// Names that people chose cannot begin a line of their own.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}
