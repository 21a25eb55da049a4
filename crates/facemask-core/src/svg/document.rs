//! The SVG document: one path per region, in a style.

use std::fmt::Write as _;

use quick_xml::escape::escape;

use super::number::{hundredths, push_short};
use super::path::path_data;
use crate::geometry::{Point, Polygons};

/// How regions are painted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Translucent fill and a white dashed outline.
    #[default]
    Default,
    /// The outline alone, in the region's colour.
    Outline,
    /// Opaque fill without outline.
    Solid,
    /// As the default, with the region's number at its label point.
    Numbered,
}

impl Style {
    /// Every style by name.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("default", Self::Default),
        ("outline", Self::Outline),
        ("solid", Self::Solid),
        ("numbered", Self::Numbered),
    ];

    /// The presentation attributes that all regions share, with the width of a thin line.
    fn attributes(self, line: &str, dash: &str) -> String {
        match self {
            Self::Default | Self::Numbered => format!(
                r##"fill-opacity=".4" stroke="#fff" stroke-width="{line}" stroke-dasharray="{dash}" stroke-linejoin="round""##
            ),
            Self::Outline => format!(r#"fill="none" stroke-width="{line}" stroke-linejoin="round""#),
            Self::Solid => String::new(),
        }
    }
}

/// One region as it is drawn.
#[derive(Clone, Debug)]
pub struct Shape<'a> {
    /// The key of the region: `region-KEY` is the id of its path.
    pub key: &'a str,
    /// The name shown as a tooltip and said by screen readers; any text.
    pub name: &'a str,
    /// The fill (or line) colour as `#rrggbb`.
    pub color: String,
    /// Its outline in the frame of the picture.
    pub polygons: &'a Polygons,
    /// Where its number goes.
    pub label_point: Point,
}

/// A picture to put under the regions.
#[derive(Clone, Copy, Debug)]
pub struct Backdrop<'a> {
    /// Its media type, such as `image/jpeg`.
    pub media_type: &'a str,
    /// Its bytes as base64.
    pub base64: &'a str,
}

/// The colours of regions that have none of their own: told apart by hue and by lightness, also by most eyes that do
/// not see all hues.
pub const PALETTE: [&str; 16] = [
    "#e9c46a", "#4c6ef5", "#12b886", "#fa5252", "#7950f2", "#fd7e14", "#22b8cf", "#e64980", "#82c91e",
    "#be4bdb", "#5c940d", "#228be6", "#f783ac", "#0b7285", "#c92a2a", "#a9834f",
];

/// An opaque CSS colour as `#rrggbb`; `None` for anything else.
#[must_use]
pub fn opaque_color(text: &str) -> Option<String> {
    let color: svgtypes::Color = text.trim().parse().ok()?;
    (color.alpha == 255).then(|| format!("#{:02x}{:02x}{:02x}", color.red, color.green, color.blue))
}

/// Writes the document. The same shapes give the same bytes.
#[must_use]
pub fn document(
    size: (u32, u32),
    shapes: &[Shape<'_>],
    style: Style,
    backdrop: Option<Backdrop<'_>>,
) -> String {
    let (width, height) = size;
    let points: usize = shapes.iter().map(|shape| shape.polygons.points.len()).sum();
    let mut svg = String::with_capacity(1024 + 8 * points + backdrop.map_or(0, |b| b.base64.len()));
    let names: Vec<_> = shapes.iter().map(|shape| text(shape.name)).collect();
    let title = if names.is_empty() {
        "No regions".to_owned()
    } else {
        format!("Face regions: {}", names.join(", "))
    };
    let _ = write!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-labelledby="facemask-title"><title id="facemask-title">{title}</title>"#
    );
    if let Some(Backdrop { media_type, base64 }) = backdrop {
        let _ = write!(
            svg,
            r#"<image width="{width}" height="{height}" href="data:{media_type};base64,{base64}"/>"#
        );
    }
    // Lines as wide as 1/400 of the picture look alike on a thumbnail and on a poster.
    let thin = f64::from(width.max(height)) / 400.0;
    let line = number(thin);
    let dash = format!("{} {}", number(3.0 * thin), number(2.0 * thin));
    let _ = write!(svg, r#"<g class="regions" {}>"#, style.attributes(&line, &dash));
    for (shape, name) in shapes.iter().zip(&names) {
        path(&mut svg, shape, name, style);
    }
    svg.push_str("</g>");
    if style == Style::Numbered {
        numbers(&mut svg, shapes, thin);
    }
    svg.push_str("</svg>");
    svg
}

fn path(svg: &mut String, shape: &Shape<'_>, name: &str, style: Style) {
    let paint = if style == Style::Outline { "stroke" } else { "fill" };
    let (key, color) = (text(shape.key), &shape.color);
    let _ = write!(
        svg,
        r#"<path id="region-{key}" class="region" data-region="{key}" data-name="{name}" {paint}="{color}" fill-rule="evenodd" d=""#
    );
    // Path data is ASCII by construction.
    svg.extend(path_data(shape.polygons).into_iter().map(char::from));
    let _ = write!(svg, r#""><title>{name}</title></path>"#);
}

fn numbers(svg: &mut String, shapes: &[Shape<'_>], thin: f64) {
    let (size, halo) = (number(10.0 * thin), number(2.0 * thin));
    let _ = write!(
        svg,
        r##"<g class="numbers" font-family="sans-serif" font-size="{size}" text-anchor="middle" fill="#111" stroke="#fff" stroke-width="{halo}" stroke-linejoin="round" paint-order="stroke" aria-hidden="true">"##
    );
    for shape in shapes {
        let (x, y) = (number(shape.label_point.x), number(shape.label_point.y));
        // Not every renderer knows dominant-baseline; a third of the size down is the middle of a figure.
        let _ = write!(svg, r#"<text x="{x}" y="{y}" dy=".35em">{}</text>"#, text(shape.key));
    }
    svg.push_str("</g>");
}

/// Text from outside, safe in XML: markup escaped, characters that XML has no way to hold replaced.
fn text(outside: &str) -> String {
    let legal =
        |c: char| matches!(c, '\t' | '\n' | '\r') || (c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'));
    let clean: String = outside.chars().map(|c| if legal(c) { c } else { '\u{fffd}' }).collect();
    escape(&clean).into_owned()
}

fn number(value: f64) -> String {
    let mut out = Vec::new();
    push_short(&mut out, hundredths(value));
    out.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Rect;

    fn square() -> Polygons {
        let mut polygons = Polygons::default();
        polygons.push_ring(&Rect::new(1.0, 1.0, 3.0, 4.0).corners());
        polygons
    }

    fn draw(name: &str, style: Style) -> String {
        let polygons = square();
        let shape = Shape {
            key: "6",
            name,
            color: "#ff0000".to_owned(),
            polygons: &polygons,
            label_point: Point::new(2.0, 2.5),
        };
        document((8, 9), &[shape], style, None)
    }

    #[test]
    fn a_region_is_a_path_with_a_name() {
        let svg = draw("nose", Style::Default);
        assert!(svg.starts_with(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 9" width="8" height="9""#
        ));
        assert!(svg.contains(
            r##"<path id="region-6" class="region" data-region="6" data-name="nose" fill="#ff0000" fill-rule="evenodd" d="M1 1h2v3h-2z"><title>nose</title></path>"##
        ));
        assert_eq!(svg, draw("nose", Style::Default));
    }

    #[test]
    fn text_from_outside_cannot_break_out() {
        let svg = draw("\"><script>alert('x')</script>\0&", Style::Numbered);
        assert!(!svg.contains("<script"));
        assert!(!svg.contains('\0'));
        assert!(svg.contains("&amp;"));
        let mut reader = quick_xml::Reader::from_str(&svg);
        while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
    }

    #[test]
    fn colours_are_opaque_and_written_in_one_way() {
        for (text, color) in [("#F00", "#ff0000"), (" teal ", "#008080"), ("rgb(1, 2, 3)", "#010203")] {
            assert_eq!(opaque_color(text).as_deref(), Some(color));
        }
        for text in ["", "nocolour", "#f", "rgba(0,0,0,0.5)", "url(#a)", "red\"/>", "transparent"] {
            assert_eq!(opaque_color(text), None, "{text}");
        }
    }

    #[test]
    fn outline_has_no_fill_and_numbers_stand_at_label_points() {
        assert!(draw("nose", Style::Outline).contains(r##"stroke="#ff0000""##));
        assert!(draw("nose", Style::Numbered).contains(r#"<text x="2" y="2.5" dy=".35em">6</text>"#));
    }
}
