//! The SVG document: one path per region, in a style.

use std::fmt::Write as _;

use quick_xml::escape::escape;

use super::number::{hundredths, push_short};
use super::path::{merged_path_data, path_data};
use super::silhouette::silhouette;
use crate::geometry::{Affine, Point, Polygons};

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

    /// How opaque fills are, as SVG writes it; `None` where there are none.
    const fn fill_opacity(self) -> Option<&'static str> {
        match self {
            Self::Default | Self::Numbered => Some(".4"),
            Self::Outline => None,
            Self::Solid => Some("1"),
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
    /// Its outline, in the frame of the picture or in another that [`document`] is told.
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
///
/// `picture_from_paths` is given where outlines are in another frame than the picture: outlines along the edges of pixels
/// are short in the frame of these pixels, and long in one that is turned against it.
#[must_use]
pub fn document(
    size: (u32, u32),
    shapes: &[Shape<'_>],
    style: Style,
    backdrop: Option<Backdrop<'_>>,
    picture_from_paths: Option<&Affine>,
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
    let data = if picture_from_paths.is_some() { merged_path_data } else { path_data };
    let paths: Vec<String> =
        shapes.iter().zip(&names).map(|(shape, name)| path(shape, name, style, data)).collect();
    let pixel = picture_from_paths.map_or(1.0, |frame| 1.0 / frame.determinant().abs().sqrt());
    if let Some(frame) = picture_from_paths {
        let _ = write!(svg, r#"<g transform="{}">"#, matrix(frame));
    }
    match style.fill_opacity() {
        None => lines(&mut svg, &paths, thin * pixel),
        Some(opacity) => flats(&mut svg, (shapes, &paths), (style, opacity), (thin, pixel), data),
    }
    if picture_from_paths.is_some() {
        svg.push_str("</g>");
    }
    if style == Style::Numbered {
        numbers(&mut svg, shapes, thin);
    }
    svg.push_str("</svg>");
    svg
}

fn lines(svg: &mut String, paths: &[String], thin: f64) {
    let line = number(thin);
    let _ = write!(
        svg,
        r#"<g class="regions" fill="none" stroke-width="{line}" stroke-linejoin="round">{}</g>"#,
        paths.concat()
    );
}

/// Flat regions without hairlines between them.
///
/// Where two fills meet, a renderer mixes each with what is below it, so whatever is below shines through. What is below
/// is therefore the regions themselves, with a stroke that reaches over their borders; and all of it, cut to the outline
/// of all regions together, is one group. So the outer edge is as sharp as that of one fill, and translucency is given
/// once to a painting that is opaque.
///
/// `thin` is in pixels of the picture, and a `pixel` of it as long as that in the frame of the paths.
fn flats(
    svg: &mut String,
    (shapes, paths): (&[Shape<'_>], &[String]),
    (style, opacity): (Style, &str),
    (thin, pixel): (f64, f64),
    data: fn(&Polygons) -> Vec<u8>,
) {
    let face = silhouette(shapes.iter().map(|shape| shape.polygons));
    let dashed = style != Style::Solid;
    // Several drawings may stand in one page: an id that is referred to must not be that of another face.
    let prefix = format!("f{:08x}", digest(paths));
    let id = |shape: &Shape<'_>| format!("{prefix}-{}", text(shape.key));
    let mut attributes = String::new();
    if opacity != "1" {
        let _ = write!(attributes, r#" opacity="{opacity}""#);
    }
    if let Some(face) = &face {
        let outline = String::from_utf8(data(face)).unwrap_or_default();
        let _ = write!(svg, r#"<clipPath id="{prefix}"><path d="{outline}"/></clipPath>"#);
        let _ = write!(attributes, r##" clip-path="url(#{prefix})""##);
    }
    let _ = write!(svg, r#"<g class="regions"{attributes}>"#);
    if face.is_some() {
        let reach = number(UNDERLAY * thin.max(1.0) * pixel);
        let _ = write!(svg, r#"<g stroke-width="{reach}" stroke-linejoin="round" aria-hidden="true">"#);
        for shape in shapes {
            let _ = write!(svg, r##"<use href="#{}" stroke="{}"/>"##, id(shape), shape.color);
        }
        svg.push_str("</g>");
    }
    for (shape, path) in shapes.iter().zip(paths) {
        if dashed || face.is_some() {
            let _ = write!(svg, r#"<g id="{}">{path}</g>"#, id(shape));
        } else {
            svg.push_str(path);
        }
    }
    svg.push_str("</g>");
    if dashed {
        let thin = thin * pixel;
        let (line, dash) = (number(thin), format!("{} {}", number(3.0 * thin), number(2.0 * thin)));
        let _ = write!(
            svg,
            r##"<g class="outlines" fill-opacity="0" stroke="#fff" stroke-width="{line}" stroke-dasharray="{dash}" stroke-linejoin="round" pointer-events="none" aria-hidden="true">"##
        );
        for shape in shapes {
            let _ = write!(svg, r##"<use href="#{}"/>"##, id(shape));
        }
        svg.push_str("</g>");
    }
}

/// The width of the strokes below flat regions, in thin lines and at least in pixels: half of it covers a pixel through
/// which a border runs, also on a picture at a half of its size.
const UNDERLAY: f64 = 3.0;

/// FNV-1a, 32 bits: short, and the same on every machine.
fn digest(texts: &[String]) -> u32 {
    let bytes = texts.iter().flat_map(|text| text.bytes());
    bytes.fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn path(shape: &Shape<'_>, name: &str, style: Style, data: fn(&Polygons) -> Vec<u8>) -> String {
    let paint = if style == Style::Outline { "stroke" } else { "fill" };
    let (key, color) = (text(shape.key), &shape.color);
    // Path data is ASCII by construction.
    let data = String::from_utf8(data(shape.polygons)).unwrap_or_default();
    format!(
        r#"<path id="region-{key}" class="region" data-region="{key}" data-name="{name}" {paint}="{color}" fill-rule="evenodd" d="{data}"><title>{name}</title></path>"#
    )
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

/// An affine map as SVG writes it, to a few millionths of a pixel on the largest picture.
fn matrix(map: &Affine) -> String {
    let [a, b, c, d, e, f] = map.0;
    let short = |value: f64| {
        let text = format!("{value:.10}");
        let short = text.trim_end_matches('0').trim_end_matches('.');
        if short == "-0" { "0".to_owned() } else { short.to_owned() }
    };
    format!("matrix({})", [a, d, b, e, c, f].map(short).join(","))
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
        document((8, 9), &[shape], style, None, None)
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
        let svg = document((800, 900), &[shape], Style::Numbered, None, Some(&frame));
        assert!(svg.contains(r#"<g transform="matrix(0,2,-2,0,8,0.5)"><g class="regions""#));
        // Lines are as wide as ever, and numbers are in the picture's frame.
        assert!(svg.contains(r##"stroke="#fff" stroke-width="1.13" "##), "{svg}");
        assert!(svg.contains(r#"</g></g><g class="numbers""#));
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
