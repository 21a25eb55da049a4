//! Styles, colors and ids of the SVG document.

use crate::error::{Error, Result};

/// The rendering style of regions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Translucent fills, and on every border a light dashed line upon a dark one.
    #[default]
    Default,
    /// The borders alone, in the regions' colors.
    Outline,
    /// Opaque fills without lines.
    Solid,
    /// As the default, with each region's id at its label point.
    Numbered,
    /// The borders alone, as red hairlines: what laser and vinyl cutters cut.
    Cut,
}

impl Style {
    /// Every style, by its name in options.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("default", Self::Default),
        ("outline", Self::Outline),
        ("solid", Self::Solid),
        ("numbered", Self::Numbered),
        ("cut", Self::Cut),
    ];

    /// The fill opacity in SVG syntax; `None` for a style without fills.
    pub(super) const fn fill_opacity(self) -> Option<&'static str> {
        match self {
            Self::Default | Self::Numbered => Some(".4"),
            Self::Solid => Some("1"),
            Self::Outline | Self::Cut => None,
        }
    }
}

/// The colors of regions without a color of their own. They differ in hue and in lightness, also for most viewers with
/// color vision deficiency.
pub const PALETTE: [&str; 16] = [
    "#e9c46a", "#4c6ef5", "#12b886", "#fa5252", "#7950f2", "#fd7e14", "#22b8cf", "#e64980", "#82c91e",
    "#be4bdb", "#5c940d", "#228be6", "#f783ac", "#0b7285", "#c92a2a", "#a9834f",
];

/// Parses an opaque CSS color to `#rrggbb`; `None` for anything else.
#[must_use]
pub fn parse_opaque_color(text: &str) -> Option<String> {
    let color: svgtypes::Color = text.trim().parse().ok()?;
    (color.alpha == 255).then(|| format!("#{:02x}{:02x}{:02x}", color.red, color.green, color.blue))
}

/// The maximum length of a prefix of ids, in characters.
const MAX_ID_PREFIX: usize = 64;

/// Checks a prefix of ids. Letters, digits, `-`, `_` and `.` need no escape in XML, in a URL or in HTML.
///
/// # Errors
/// `option_invalid` for other characters, for another start than a letter or `_`, and for more than 64 characters.
pub fn check_id_prefix(prefix: &str) -> Result<()> {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if prefix.is_empty()
        || prefix.starts_with(is_start) && prefix.len() <= MAX_ID_PREFIX && prefix.chars().all(is_name)
    {
        return Ok(());
    }
    let start: String = prefix.chars().take(MAX_ID_PREFIX).collect();
    Err(Error::option(
        "id_prefix",
        format!(
            "must start with a letter or _ and have at most {MAX_ID_PREFIX} letters, digits, -, _ and . (of ASCII), \
             got {} characters: {start:?}",
            prefix.chars().count()
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_opaque_and_written_in_one_way() {
        for (text, color) in [("#F00", "#ff0000"), (" teal ", "#008080"), ("rgb(1, 2, 3)", "#010203")] {
            assert_eq!(parse_opaque_color(text).as_deref(), Some(color));
        }
        for text in ["", "nocolour", "#f", "rgba(0,0,0,0.5)", "url(#a)", "red\"/>", "transparent"] {
            assert_eq!(parse_opaque_color(text), None, "{text}");
        }
    }

    #[test]
    fn id_prefixes_are_xml_names() {
        for prefix in ["", "a", "_1", "job-0a.B_c", &"x".repeat(64)] {
            assert!(check_id_prefix(prefix).is_ok(), "{prefix}");
        }
        for prefix in ["1a", "-a", ".a", "a b", "a\"", "a:b", "ä", "a\n", "a/>", &"x".repeat(65)] {
            let error = check_id_prefix(prefix).unwrap_err();
            assert_eq!(error.field, "id_prefix", "{prefix}");
        }
    }
}
