//! The SVG document in a style: one path per region, and one line per border.

use std::fmt::Write as _;

use quick_xml::escape::escape;

use super::borders::{Border, BorderSegments};
use super::embed::EmbeddedImage;
use super::number::{push_svg_number, to_hundredths};
use super::rounded_rings::RoundedRings;
use super::style::Style;
use crate::geometry::{Affine, Point, Polygons};
use crate::raster::Size;

/// A region as it is rendered.
#[derive(Clone, Debug)]
pub struct Shape<'a> {
    /// The key of the region: `region-KEY` is the id of its path, behind the prefix of the document's ids.
    pub key: &'a str,
    /// The name, shown as a tooltip and read by screen readers; any text.
    pub name: &'a str,
    /// The color as `#rrggbb`.
    pub color: String,
    /// The outline, in the frame of the document or in the frame that [`render_document`] is given.
    pub polygons: &'a Polygons,
    /// The position of its number, in the frame of the document.
    pub label_point: Point,
}

/// Renders the document, deterministically: equal arguments yield equal bytes.
///
/// `image` is placed below the regions. `document_from_paths` is given when the outlines are in another frame than the
/// document. Path data along pixel edges is short in the frame of these pixels, and long in a frame rotated against it.
/// `id_prefix` is `""` or what [`super::check_id_prefix`] accepts; a `-` follows it in every id.
#[must_use]
pub fn render_document(
    size: Size,
    shapes: &[Shape<'_>],
    style: Style,
    image: Option<&EmbeddedImage>,
    document_from_paths: Option<&Affine>,
    id_prefix: &str,
) -> String {
    let Size { width, height } = size;
    let points: usize = shapes.iter().map(|shape| shape.polygons.points.len()).sum();
    let mut svg = String::with_capacity(1024 + 12 * points + image.map_or(0, |image| image.base64.len()));
    let names: Vec<_> = shapes.iter().map(|shape| escape_text(shape.name)).collect();
    let title = if names.is_empty() {
        "No regions".to_owned()
    } else {
        format!("Face regions: {}", names.join(", "))
    };
    let id_prefix = if id_prefix.is_empty() { String::new() } else { format!("{id_prefix}-") };
    // Many readers know the references of SVG 1.1 only, and every reader knows these.
    let _ = write!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-labelledby="{id_prefix}facemask-title"><title id="{id_prefix}facemask-title">{title}</title>"#
    );
    if let Some(EmbeddedImage { media_type, base64 }) = image {
        let _ = write!(
            svg,
            r#"<image width="{width}" height="{height}" xlink:href="data:{media_type};base64,{base64}"/>"#
        );
    }
    let is_map_frame = document_from_paths.is_some();
    let rings = RoundedRings::new(shapes.iter().map(|shape| shape.polygons));
    let data = (0..shapes.len()).map(|index| text(rings.region_data(index, is_map_frame)));
    let paths = shapes.iter().zip(&names).zip(data);
    let paths: Vec<String> =
        paths.map(|((shape, name), data)| path_element(shape, name, style, &data, &id_prefix)).collect();
    let layers = RegionLayers {
        shapes,
        segments: BorderSegments::new(&rings),
        id: format!("{id_prefix}f{:08x}", fnv1a_32(&paths)),
        paths,
        style,
        line_width: f64::from(width.max(height)) / LINE_WIDTHS_PER_SIDE,
        pixel_length: document_from_paths.map_or(1.0, |frame| 1.0 / frame.determinant().abs().sqrt()),
        is_map_frame,
    };
    if let Some(frame) = document_from_paths {
        let _ = write!(svg, r#"<g transform="{}">"#, matrix(frame));
    }
    layers.write_regions_and_borders(&mut svg);
    if is_map_frame {
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
    segments: BorderSegments<'a>,
    /// What the ids that are referred to begin with. Several documents may be inlined in one page, so it is unique to
    /// this document.
    id: String,
    /// The path element of every shape.
    paths: Vec<String>,
    style: Style,
    /// In pixels of the document.
    line_width: f64,
    /// The length of a pixel of the document in the frame of the paths.
    pixel_length: f64,
    /// Whether the paths are in the frame of the label map.
    is_map_frame: bool,
}

impl RegionLayers<'_> {
    fn write_regions_and_borders(&self, svg: &mut String) {
        let segments = &self.segments;
        if let Some(opacity) = self.style.fill_opacity() {
            let outline = segments.union_outline(self.is_map_frame).map(text);
            let borders = if self.style == Style::Solid { Vec::new() } else { segments.borders() };
            self.write_fills(svg, opacity, outline.as_deref(), &borders);
            if self.style != Style::Solid {
                self.write_dashed_borders(svg, &borders);
            }
        } else {
            let borders = segments.borders();
            if self.style == Style::Cut {
                self.write_cut_lines(svg, &borders);
            } else {
                self.write_colored_borders(svg, &borders);
            }
        }
    }

    /// Writes filled regions without hairlines between them.
    ///
    /// Where two fills meet, a renderer blends each with what is below it, so whatever is below shines through.
    /// Therefore the regions themselves are below, with a stroke that extends over their borders. All of it, clipped to
    /// the union of the regions, is one group. So the outer edge is as sharp as that of a single fill, and opacity
    /// applies once, to an opaque picture.
    ///
    /// Some readers resolve a reference only to what stands before it. So the regions come first, then their strokes,
    /// and the regions once more by reference. Readers that do not know clip paths draw no path in `defs`, and those
    /// that apply the opacity to every element draw no third fill.
    fn write_fills(&self, svg: &mut String, opacity: &str, outline: Option<&str>, borders: &[Border]) {
        let id = &self.id;
        let mut attributes = String::new();
        if opacity != "1" {
            let _ = write!(attributes, r#" opacity="{opacity}""#);
        }
        let Some(outline) = outline else {
            let _ = write!(svg, r#"<g class="regions"{attributes}>"#);
            self.write_paths(svg, |index| borders.iter().any(|border| border.whole_region == Some(index)));
            svg.push_str("</g>");
            return;
        };
        let _ = write!(
            svg,
            r##"<defs><clipPath id="{id}"><path d="{outline}"/></clipPath></defs><g class="regions"{attributes} clip-path="url(#{id})"><g id="{id}-regions">"##
        );
        self.write_paths(svg, |_| true);
        let width = number(UNDERLAY_LINES * self.line_width.max(1.0) * self.pixel_length);
        let _ = write!(
            svg,
            r#"</g><g pointer-events="none" aria-hidden="true"><g fill-opacity="0" stroke-width="{width}" stroke-linejoin="round">"#
        );
        for (index, shape) in self.shapes.iter().enumerate() {
            let _ =
                write!(svg, r##"<use xlink:href="#{}" stroke="{}"/>"##, self.region_id(index), shape.color);
        }
        let _ = write!(svg, r##"</g><use xlink:href="#{id}-regions"/></g></g>"##);
    }

    /// Writes the path of every region, in a group with an id where `is_referenced`.
    fn write_paths(&self, svg: &mut String, is_referenced: impl Fn(usize) -> bool) {
        for (index, path) in self.paths.iter().enumerate() {
            if is_referenced(index) {
                let _ = write!(svg, r#"<g id="{}">{path}</g>"#, self.region_id(index));
            } else {
                svg.push_str(path);
            }
        }
    }

    /// The id of the group around a region's path.
    fn region_id(&self, index: usize) -> String {
        format!("{}-{}", self.id, escape_text(self.shapes[index].key))
    }

    /// Writes every border once, as a dark line, and light dashes upon all of them by one reference: one of the two is
    /// seen on any photo and on paper.
    fn write_dashed_borders(&self, svg: &mut String, borders: &[Border]) {
        if borders.is_empty() {
            return;
        }
        let id = &self.id;
        let width = self.line_width * self.pixel_length;
        let (dark, light) = (number(DARK_LINES * width), number(width));
        let dash = format!("{} {}", number(3.0 * width), number(2.0 * width));
        let _ = write!(
            svg,
            r##"<g class="borders" fill="none" fill-opacity="0" stroke-linejoin="round" pointer-events="none" aria-hidden="true"><g stroke="{DARK_COLOR}" stroke-width="{dark}"><g id="{id}-borders">"##
        );
        for border in borders {
            self.write_border(svg, border, "");
        }
        let _ = write!(
            svg,
            r##"</g></g><use xlink:href="#{id}-borders" stroke="#fff" stroke-width="{light}" stroke-dasharray="{dash}"/></g>"##
        );
    }

    /// Writes every border once, in the color of the region with the higher id, and the regions without fill.
    ///
    /// Schemes number the skin first and what lies on it later. Areas would exchange colors between frames of a video.
    fn write_colored_borders(&self, svg: &mut String, borders: &[Border]) {
        svg.push_str(r#"<g class="regions" fill="none" pointer-events="all">"#);
        self.write_paths(svg, |index| borders.iter().any(|border| border.whole_region == Some(index)));
        let line = number(self.line_width * self.pixel_length);
        let _ = write!(
            svg,
            r#"</g><g class="borders" fill="none" stroke-width="{line}" stroke-linejoin="round" stroke-linecap="round" pointer-events="none" aria-hidden="true">"#
        );
        for border in borders {
            let shape = &self.shapes[border.neighbor.unwrap_or(border.region)];
            self.write_border(svg, border, &format!(r#" stroke="{}""#, shape.color));
        }
        svg.push_str("</g>");
    }

    /// Writes every border once, and nothing else that a cutter could follow. Red is the color that laser software cuts.
    fn write_cut_lines(&self, svg: &mut String, borders: &[Border]) {
        let width = number(CUT_WIDTH * self.pixel_length);
        let _ = write!(
            svg,
            r##"<g class="borders" fill="none" stroke="#f00" stroke-width="{width}" stroke-linejoin="round">"##
        );
        for border in borders {
            self.write_border(svg, border, "");
        }
        svg.push_str("</g>");
    }

    /// Writes the line of a border: by reference where it is the whole outline of a region, which lines to cut are not.
    fn write_border(&self, svg: &mut String, border: &Border, attributes: &str) {
        let mut regions = escape_text(self.shapes[border.region].key);
        if let Some(neighbor) = border.neighbor {
            let _ = write!(regions, " {}", escape_text(self.shapes[neighbor].key));
        }
        let referenced = border.whole_region.filter(|_| self.style != Style::Cut);
        let _ = if let Some(index) = referenced {
            let id = self.region_id(index);
            // Some readers refuse other attributes of a reference than those of SVG.
            write!(svg, r##"<g data-regions="{regions}"{attributes}><use xlink:href="#{id}"/></g>"##)
        } else {
            let data = text(self.segments.border_data(border, self.is_map_frame));
            write!(svg, r#"<path data-regions="{regions}"{attributes} d="{data}"/>"#)
        };
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

/// The width of lines to cut, in pixels: 0.13 mm. Laser drivers engrave wider lines than 0.2 mm.
const CUT_WIDTH: f64 = 0.5;

/// The width of the dark line below the light dashes, in line widths: a hairline on white paper, and hardly seen on a
/// photo.
const DARK_LINES: f64 = 0.75;

/// Opaque, so that lines which meet do not add up to dots.
const DARK_COLOR: &str = "#333";

/// The FNV-1a hash, 32 bits: short, and the same on every machine.
fn fnv1a_32(texts: &[String]) -> u32 {
    let bytes = texts.iter().flat_map(|text| text.bytes());
    bytes.fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn path_element(shape: &Shape<'_>, name: &str, style: Style, data: &str, id_prefix: &str) -> String {
    // Without fill and line the property `color` tells the color and paints nothing.
    let paint = if style == Style::Outline { "color" } else { "fill" };
    let (key, color) = (escape_text(shape.key), &shape.color);
    format!(
        r#"<path id="{id_prefix}region-{key}" class="region" data-region="{key}" data-name="{name}" {paint}="{color}" fill-rule="evenodd" d="{data}"><title>{name}</title></path>"#
    )
}

/// Path data is ASCII by construction.
fn text(path_data: Vec<u8>) -> String {
    String::from_utf8(path_data).unwrap_or_default()
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
        render_document(Size::new(8, 9), &[shape], style, None, None, "")
    }

    #[test]
    fn a_region_is_a_path_with_a_name() {
        let svg = render("nose", Style::Default);
        assert!(svg.starts_with(
            r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 8 9" width="8" height="9""#
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
        let svg = render_document(Size::new(800, 900), &[shape], Style::Numbered, None, Some(&frame), "");
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

    /// A square with a hole, a smaller one in the hole, and a third one beside the first.
    fn render_three(style: Style) -> String {
        let polygons = |rings: &[(Rect, bool)]| {
            let mut polygons = Polygons::default();
            for (rect, is_hole) in rings {
                let mut corners = rect.corners();
                if *is_hole {
                    corners.reverse();
                }
                polygons.push_ring(&corners);
            }
            polygons
        };
        let hole = Rect::new(1.0, 1.0, 2.0, 2.0);
        let regions = [
            polygons(&[(Rect::new(0.0, 0.0, 3.0, 3.0), false), (hole, true)]),
            polygons(&[(hole, false)]),
            polygons(&[(Rect::new(3.0, 0.0, 5.0, 3.0), false)]),
        ];
        let shape = |(key, polygons), color: &str| Shape {
            key,
            name: "part",
            color: color.to_owned(),
            polygons,
            label_point: Point::new(0.0, 0.0),
        };
        let colors = ["#110000", "#220000", "#330000"];
        let shapes: Vec<_> = ["1", "2", "30"]
            .into_iter()
            .zip(&regions)
            .zip(colors)
            .map(|(each, color)| shape(each, color))
            .collect();
        render_document(Size::new(5, 3), &shapes, style, None, None, "")
    }

    #[test]
    fn every_border_is_one_line() {
        let svg = render_three(Style::Cut);
        let lines = r#"<path data-regions="1" d="M3 3h-3v-3h3"/><path data-regions="1 2" d="M1 1v1h1v-1z"/><path data-regions="1 30" d="M3 0v3"/><path data-regions="30" d="M3 0h2v3h-2"/></g></svg>"#;
        assert!(svg.ends_with(lines), "{svg}");
        assert_eq!(svg.matches("<path").count(), 4, "no region is an object of its own");
        assert!(!svg.contains("<use"));
    }

    #[test]
    fn a_region_inside_another_one_lends_its_path_to_its_border() {
        for style in [Style::Default, Style::Outline] {
            let svg = render_three(style);
            let (before, reference) = svg.split_once(r#"<g data-regions="1 2""#).unwrap();
            let id = reference.split_once("href=\"#").unwrap().1.split_once('"').unwrap().0;
            assert!(before.contains(&format!(r#"<g id="{id}"><path id="region-2""#)), "{svg}");
            assert_eq!(svg.matches("h1v1h-1z").count(), 1, "{svg}");
        }
    }

    #[test]
    fn a_border_has_the_color_of_the_region_with_the_higher_id() {
        let svg = render_three(Style::Outline);
        for line in [
            r##"<path data-regions="1" stroke="#110000""##,
            r##"<g data-regions="1 2" stroke="#220000"><use"##,
            r##"<path data-regions="1 30" stroke="#330000""##,
        ] {
            assert!(svg.contains(line), "{line} in {svg}");
        }
    }

    #[test]
    fn a_prefix_is_in_front_of_every_id_and_reference() {
        let polygons = square();
        let shapes = ["6", "7"].map(|key| Shape {
            key,
            name: "nose",
            color: "#ff0000".to_owned(),
            polygons: &polygons,
            label_point: Point::new(2.0, 2.5),
        });
        for style in Style::NAMES.map(|(_, style)| style) {
            let svg = render_document(Size::new(8, 9), &shapes, style, None, None, "left");
            for mark in [" id=\"", "href=\"#", "url(#", "labelledby=\""] {
                for (at, _) in svg.match_indices(mark) {
                    assert!(svg[at + mark.len()..].starts_with("left-"), "{svg}");
                }
            }
            assert!(
                svg.contains(r#"aria-labelledby="left-facemask-title"><title id="left-facemask-title">"#)
            );
        }
    }

    #[test]
    fn nothing_is_referred_to_before_it_is_defined() {
        for style in Style::NAMES.map(|(_, style)| style) {
            let svg = render_three(style);
            for mark in ["href=\"#", "url(#"] {
                for (at, _) in svg.match_indices(mark) {
                    let id = svg[at + mark.len()..].split(['"', ')']).next().unwrap();
                    assert!(svg[..at].contains(&format!(r#" id="{id}""#)), "{id} in {svg}");
                }
            }
        }
    }

    #[test]
    fn outline_has_no_fill_and_numbers_stand_at_label_points() {
        let outline = render("nose", Style::Outline);
        assert!(outline.contains(r##" fill="none""##) && outline.contains(r##" stroke="#ff0000""##));
        assert!(!outline.contains(r##" fill="#ff0000""##));
        assert!(render("nose", Style::Numbered).contains(r#"<text x="2" y="2.5" dy=".35em">6</text>"#));
    }
}
