//! Any names, colors, outlines and images: the document stays well-formed XML with one root, and nothing from outside
//! becomes markup.
#![no_main]

use facemask_core::geometry::{Affine, Point, Polygons};
use facemask_core::raster::Size;
use facemask_core::svg::{
    EmbeddedImage, Shape, Style, check_id_prefix, parse_opaque_color, render_document,
};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use quick_xml::Reader;
use quick_xml::events::Event;

const KNOWN: [&str; 12] =
    ["svg", "title", "image", "g", "path", "text", "clipPath", "defs", "use", "mask", "rect", "circle"];

fuzz_target!(|data: &[u8]| {
    let _ = draw(&mut Unstructured::new(data));
});

struct Region {
    name: String,
    color: String,
    polygons: Polygons,
    label_point: Point,
}

fn draw(bytes: &mut Unstructured<'_>) -> Result<()> {
    let size = Size::new(bytes.int_in_range(1..=70_000)?, bytes.int_in_range(1..=70_000)?);
    let style = Style::NAMES[bytes.choose_index(Style::NAMES.len())?].1;
    let has_image = bytes.ratio(1, 4)?;
    let mut regions = Vec::new();
    for _ in 0..bytes.int_in_range(0..=6)? {
        regions.push(region(bytes)?);
    }
    let keys: Vec<_> = (1..=regions.len()).map(|key| key.to_string()).collect();
    let shapes: Vec<_> = regions
        .iter()
        .zip(&keys)
        .map(|(region, key)| Shape {
            key,
            name: &region.name,
            color: region.color.clone(),
            polygons: &region.polygons,
            label_point: region.label_point,
        })
        .collect();
    let image = has_image.then(|| EmbeddedImage { media_type: "image/jpeg", base64: "AAAA".to_owned() });
    let frame = bytes.ratio(1, 3)?.then(|| frame(bytes)).transpose()?;
    let prefix = bytes.arbitrary::<String>()?;
    let prefix = if check_id_prefix(&prefix).is_ok() { prefix.as_str() } else { "a" };
    check(&render_document(size, &shapes, style, image.as_ref(), frame.as_ref(), prefix));
    Ok(())
}

fn region(bytes: &mut Unstructured<'_>) -> Result<Region> {
    let color = bytes.arbitrary::<String>()?;
    let mut polygons = Polygons::default();
    for _ in 0..bytes.int_in_range(0..=3)? {
        let mut ring = Vec::new();
        for _ in 0..bytes.int_in_range(3..=9)? {
            ring.push(point(bytes)?);
        }
        polygons.push_ring(&ring);
    }
    Ok(Region {
        name: bytes.arbitrary()?,
        color: parse_opaque_color(&color).unwrap_or_else(|| "#000000".to_owned()),
        polygons,
        label_point: point(bytes)?,
    })
}

/// A frame of outlines: turned, and up to a thousand times smaller or larger than the picture.
fn frame(bytes: &mut Unstructured<'_>) -> Result<Affine> {
    let turn = f64::from(bytes.int_in_range(-31_416..=31_416)?) / 10_000.0;
    let mut scale = || Ok(f64::from(bytes.int_in_range(1..=1_000_000)?) / 1_000.0);
    let scale = Affine::scale(scale()?, scale()?);
    let to = point(bytes)?;
    Ok(Affine::translate(to.x, to.y) * Affine::rotate(turn) * scale)
}

/// Within the largest canvas and a little outside.
fn point(bytes: &mut Unstructured<'_>) -> Result<Point> {
    let mut side = || Ok(f64::from(bytes.int_in_range(-1_000_000..=10_000_000)?) / 100.0);
    Ok(Point::new(side()?, side()?))
}

fn check(svg: &str) {
    let mut reader = Reader::from_str(svg);
    reader.config_mut().check_end_names = true;
    let mut depth = 0_i32;
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Eof => break,
            Event::Start(tag) => {
                depth += 1;
                known(tag.name().as_ref());
                plain(&tag);
            }
            Event::Empty(tag) => {
                known(tag.name().as_ref());
                plain(&tag);
            }
            Event::End(_) => depth -= 1,
            Event::Text(_) | Event::GeneralRef(_) => assert!(depth > 0),
            other => panic!("not of ours: {other:?}"),
        }
    }
    assert_eq!(depth, 0);
}

fn known(name: &str) {
    assert!(KNOWN.iter().any(|own| *own == name), "element {name}");
}

/// No handler, no address but the embedded picture's and references into the document itself.
fn plain(tag: &quick_xml::events::BytesStart<'_>) {
    for attribute in tag.attributes() {
        let attribute = attribute.expect("well-formed");
        let name = attribute.key.as_ref();
        assert!(!name.starts_with("on"));
        if name.ends_with("href") {
            assert!(
                attribute.value.starts_with("data:image/jpeg;base64,") || attribute.value.starts_with("#")
            );
        }
    }
}
