//! The SVG document: one path per region, in a style.

use std::fmt::Write as _;

use quick_xml::escape::escape;

use super::embed::EmbeddedImage;
use super::number::{push_svg_number, to_hundredths};
use super::path::{merged_path_data, path_data};
use super::union_outline::union_outline;
use crate::geometry::{Affine, Point, Polygons};
use crate::raster::Size;

/// The rendering style of regions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Translucent fill and a white dashed outline.
    #[default]
    Default,
    /// The outline alone, in the region's color.
    Outline,
    /// Opaque fill without outline.
    Solid,
    /// As the default, with the region's id at its label point.
    Numbered,
}

impl Style {
    /// Every style, by its name in options.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("default", Self::Default),
        ("outline", Self::Outline),
        ("solid", Self::Solid),
        ("numbered", Self::Numbered),
    ];

    /// The fill opacity in SVG syntax; `None` for a style without fills.
    const fn fill_opacity(self) -> Option<&'static str> {
        match self {
            Self::Default | Self::Numbered => Some(".4"),
            Self::Outline => None,
            Self::Solid => Some("1"),
        }
    }
}

/// A region as it is rendered.
#[derive(Clone, Debug)]
pub struct Shape<'a> {
    /// The key of the region: `region-KEY` is the id of its path.
    pub key: &'a str,
    /// The name, shown as a tooltip and read by screen readers; any text.
    pub name: &'a str,
    /// The color of the fill (or of the line) as `#rrggbb`.
    pub color: String,
    /// The outline, in the frame of the document or in the frame that [`render_document`] is given.
    pub polygons: &'a Polygons,
    /// The position of its number, in the frame of the document.
    pub label_point: Point,
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

/// Renders the document, deterministically: equal arguments yield equal bytes.
///
/// `image` is placed below the regions. `document_from_paths` is given when the outlines are in another frame than the
/// document: outlines along pixel edges are short in the frame of these pixels, and long in a frame rotated against it.
#[must_use]
pub fn render_document(
    size: Size,
    shapes: &[Shape<'_>],
    style: Style,
    image: Option<&EmbeddedImage>,
    document_from_paths: Option<&Affine>,
) -> String {
    let Size { width, height } = size;
    let points: usize = shapes.iter().map(|shape| shape.polygons.points.len()).sum();
    let mut svg = String::with_capacity(1024 + 8 * points + image.map_or(0, |image| image.base64.len()));
    let names: Vec<_> = shapes.iter().map(|shape| escape_text(shape.name)).collect();
    let title = if names.is_empty() {
        "No regions".to_owned()
    } else {
        format!("Face regions: {}", names.join(", "))
    };
    let _ = write!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-labelledby="facemask-title"><title id="facemask-title">{title}</title>"#
    );
    if let Some(EmbeddedImage { media_type, base64 }) = image {
        let _ = write!(
            svg,
            r#"<image width="{width}" height="{height}" href="data:{media_type};base64,{base64}"/>"#
        );
    }
    let path_data = if document_from_paths.is_some() { merged_path_data } else { path_data };
    let layers = RegionLayers {
        shapes,
        paths: shapes
            .iter()
            .zip(&names)
            .map(|(shape, name)| path_element(shape, name, style, path_data))
            .collect(),
        style,
        line_width: f64::from(width.max(height)) / LINE_WIDTHS_PER_SIDE,
        pixel_length: document_from_paths.map_or(1.0, |frame| 1.0 / frame.determinant().abs().sqrt()),
        path_data,
    };
    if let Some(frame) = document_from_paths {
        let _ = write!(svg, r#"<g transform="{}">"#, matrix(frame));
    }
    match style.fill_opacity() {
        None => layers.write_outlines(&mut svg),
        Some(opacity) => layers.write_fills(&mut svg, opacity),
    }
    if document_from_paths.is_some() {
        svg.push_str("</g>");
    }
    if style == Style::Numbered {
        layers.write_numbers(&mut svg);
    }
    svg.push_str("</svg>");
    svg
}

/// The longer side of the document in line widths: lines look alike on a thumbnail and on a poster.
const LINE_WIDTHS_PER_SIDE: f64 = 400.0;

/// The regions of a document, written as layers of SVG groups.
struct RegionLayers<'a> {
    shapes: &'a [Shape<'a>],
    /// The path element of every shape.
    paths: Vec<String>,
    style: Style,
    /// In pixels of the document.
    line_width: f64,
    /// The length of a pixel of the document in the frame of the paths.
    pixel_length: f64,
    path_data: fn(&Polygons) -> Vec<u8>,
}

impl RegionLayers<'_> {
    fn write_outlines(&self, svg: &mut String) {
        let line = number(self.line_width * self.pixel_length);
        let _ = write!(
            svg,
            r#"<g class="regions" fill="none" stroke-width="{line}" stroke-linejoin="round">{}</g>"#,
            self.paths.concat()
        );
    }

    /// Writes filled regions without hairlines between them.
    ///
    /// Where two fills meet, a renderer blends each with what is below it, so whatever is below shines through.
    /// Therefore the regions themselves are below, with a stroke that extends over their borders. All of it, clipped to
    /// the union of the regions, is one group. So the outer edge is as sharp as that of a single fill, and opacity
    /// applies once, to an opaque picture.
    fn write_fills(&self, svg: &mut String, opacity: &str) {
        let union = union_outline(self.shapes.iter().map(|shape| shape.polygons));
        let is_dashed = self.style != Style::Solid;
        // Several documents may be inlined in one page, so an id that is referenced must be unique to this document.
        let prefix = format!("f{:08x}", fnv1a_32(&self.paths));
        let id = |shape: &Shape<'_>| format!("{prefix}-{}", escape_text(shape.key));
        let mut attributes = String::new();
        if opacity != "1" {
            let _ = write!(attributes, r#" opacity="{opacity}""#);
        }
        if let Some(union) = &union {
            let outline = String::from_utf8((self.path_data)(union)).unwrap_or_default();
            let _ = write!(svg, r#"<clipPath id="{prefix}"><path d="{outline}"/></clipPath>"#);
            let _ = write!(attributes, r##" clip-path="url(#{prefix})""##);
        }
        let _ = write!(svg, r#"<g class="regions"{attributes}>"#);
        if union.is_some() {
            let width = number(UNDERLAY_LINES * self.line_width.max(1.0) * self.pixel_length);
            let _ = write!(svg, r#"<g stroke-width="{width}" stroke-linejoin="round" aria-hidden="true">"#);
            for shape in self.shapes {
                let _ = write!(svg, r##"<use href="#{}" stroke="{}"/>"##, id(shape), shape.color);
            }
            svg.push_str("</g>");
        }
        for (shape, path) in self.shapes.iter().zip(&self.paths) {
            if is_dashed || union.is_some() {
                let _ = write!(svg, r#"<g id="{}">{path}</g>"#, id(shape));
            } else {
                svg.push_str(path);
            }
        }
        svg.push_str("</g>");
        if is_dashed {
            let width = self.line_width * self.pixel_length;
            let (line, dash) = (number(width), format!("{} {}", number(3.0 * width), number(2.0 * width)));
            let _ = write!(
                svg,
                r##"<g class="outlines" fill-opacity="0" stroke="#fff" stroke-width="{line}" stroke-dasharray="{dash}" stroke-linejoin="round" pointer-events="none" aria-hidden="true">"##
            );
            for shape in self.shapes {
                let _ = write!(svg, r##"<use href="#{}"/>"##, id(shape));
            }
            svg.push_str("</g>");
        }
    }

    fn write_numbers(&self, svg: &mut String) {
        let (size, halo) = (number(10.0 * self.line_width), number(2.0 * self.line_width));
        let _ = write!(
            svg,
            r##"<g class="numbers" font-family="sans-serif" font-size="{size}" text-anchor="middle" fill="#111" stroke="#fff" stroke-width="{halo}" stroke-linejoin="round" paint-order="stroke" aria-hidden="true">"##
        );
        for shape in self.shapes {
            let (x, y) = (number(shape.label_point.x), number(shape.label_point.y));
            // Not every renderer supports dominant-baseline. A shift by about a third of the size centers a digit.
            let _ = write!(svg, r#"<text x="{x}" y="{y}" dy=".35em">{}</text>"#, escape_text(shape.key));
        }
        svg.push_str("</g>");
    }
}

/// The width of the strokes below filled regions, in line widths, where a line counts as at least one pixel. Half of it
/// covers a pixel on a border, also at half the scale.
const UNDERLAY_LINES: f64 = 3.0;

/// The FNV-1a hash, 32 bits: short, and the same on every machine.
fn fnv1a_32(texts: &[String]) -> u32 {
    let bytes = texts.iter().flat_map(|text| text.bytes());
    bytes.fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn path_element(shape: &Shape<'_>, name: &str, style: Style, path_data: fn(&Polygons) -> Vec<u8>) -> String {
    let paint = if style == Style::Outline { "stroke" } else { "fill" };
    let (key, color) = (escape_text(shape.key), &shape.color);
    // Path data is ASCII by construction.
    let data = String::from_utf8(path_data(shape.polygons)).unwrap_or_default();
    format!(
        r#"<path id="region-{key}" class="region" data-region="{key}" data-name="{name}" {paint}="{color}" fill-rule="evenodd" d="{data}"><title>{name}</title></path>"#
    )
}

/// Escapes untrusted text for XML, and replaces characters that XML cannot represent.
fn escape_text(untrusted: &str) -> String {
    let is_legal =
        |c: char| matches!(c, '\t' | '\n' | '\r') || (c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'));
    let clean: String = untrusted.chars().map(|c| if is_legal(c) { c } else { '\u{fffd}' }).collect();
    escape(&clean).into_owned()
}

/// The SVG matrix of an affine transformation, exact to a few millionths of a pixel on the largest document.
fn matrix(transformation: &Affine) -> String {
    let [a, b, c, d, e, f] = transformation.0;
    let shortest = |value: f64| {
        let text = format!("{value:.10}");
        let shortest = text.trim_end_matches('0').trim_end_matches('.');
        if shortest == "-0" { "0".to_owned() } else { shortest.to_owned() }
    };
    format!("matrix({})", [a, d, b, e, c, f].map(shortest).join(","))
}

fn number(value: f64) -> String {
    let mut out = Vec::new();
    push_svg_number(&mut out, to_hundredths(value));
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

    fn render(name: &str, style: Style) -> String {
        let polygons = square();
        let shape = Shape {
            key: "6",
            name,
            color: "#ff0000".to_owned(),
            polygons: &polygons,
            label_point: Point::new(2.0, 2.5),
        };
        render_document(Size::new(8, 9), &[shape], style, None, None)
    }

    #[test]
    fn a_region_is_a_path_with_a_name() {
        let svg = render("nose", Style::Default);
        assert!(svg.starts_with(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 9" width="8" height="9""#
        ));
        assert!(svg.contains(
            r##"<path id="region-6" class="region" data-region="6" data-name="nose" fill="#ff0000" fill-rule="evenodd" d="M1 1h2v3h-2z"><title>nose</title></path>"##
        ));
        assert_eq!(svg, render("nose", Style::Default));
    }

    #[test]
    fn outlines_may_be_in_a_frame_of_their_own() {
        let polygons = square();
        let shape = Shape {
            key: "6",
            name: "nose",
            color: "#ff0000".to_owned(),
            polygons: &polygons,
            label_point: Point::new(4.0, 5.0),
        };
        let frame = Affine([0.0, -2.0, 8.0, 2.0, 0.0, 0.5]);
        let svg = render_document(Size::new(800, 900), &[shape], Style::Numbered, None, Some(&frame));
        assert!(svg.contains(r#"<g transform="matrix(0,2,-2,0,8,0.5)"><g class="regions""#));
        // Lines are as wide as ever, and numbers are in the picture's frame.
        assert!(svg.contains(r##"stroke="#fff" stroke-width="1.13" "##), "{svg}");
        assert!(svg.contains(r#"</g></g><g class="numbers""#));
    }

    #[test]
    fn text_from_outside_cannot_break_out() {
        let svg = render("\"><script>alert('x')</script>\0&", Style::Numbered);
        assert!(!svg.contains("<script"));
        assert!(!svg.contains('\0'));
        assert!(svg.contains("&amp;"));
        let mut reader = quick_xml::Reader::from_str(&svg);
        while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
    }

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
    fn outline_has_no_fill_and_numbers_stand_at_label_points() {
        assert!(render("nose", Style::Outline).contains(r##"stroke="#ff0000""##));
        assert!(render("nose", Style::Numbered).contains(r#"<text x="2" y="2.5" dy=".35em">6</text>"#));
    }
}
