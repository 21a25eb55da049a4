//! The drawing of a result: its colors, the frame of its paths, and the photo below them.

use std::borrow::Cow;

use super::options::TraceOptions;
use super::result_frame::CropFrame;
use crate::error::Result;
use crate::geometry::{Point, Polygons};
use crate::raster::MapTransform;
use crate::regions::Region;
use crate::svg::{PALETTE, Photo, Shape, embed_photo, render_document};

/// The color of a region in the drawing: that of its id or name in the options, else one of the palette.
pub(super) fn drawing_color(region: &Region, options: &TraceOptions) -> String {
    let custom = options.colors.get(&region.id.to_string()).or_else(|| options.colors.get(&region.name));
    let from_palette = || PALETTE[usize::from(region.id).wrapping_sub(1) % PALETTE.len()].to_owned();
    custom.cloned().unwrap_or_else(from_palette)
}

/// The frame of a drawing, and where the label map lies.
pub(super) struct RenderFrame {
    pub(super) frame: CropFrame,
    pub(super) transform: MapTransform,
}

/// The maximum map scale at which exact outlines are written in the frame of the label map.
const MAX_SCALE_OF_MAP_FRAME: f64 = 2.0;

/// Renders the regions of a result. `colors` has the color of each.
///
/// # Errors
/// Those of the embedded photo.
pub(super) fn render_svg(
    photo: Option<&dyn Photo>,
    options: &TraceOptions,
    RenderFrame { frame, transform }: &RenderFrame,
    regions: &[Region],
    contours: &[(u8, Polygons)],
    colors: &[String],
) -> Result<String> {
    let (size, frame_from_image) = (frame.size(), frame.frame_from_image());
    let keys: Vec<String> = regions.iter().map(|region| region.id.to_string()).collect();
    // Exact outlines follow the pixel edges of the map. In the frame of the map their steps are multiples of one half,
    // and take a quarter of the bytes. Not for a large map scale: cuts along the crop box are rounded to hundredths of
    // a map pixel.
    let frame_from_labels = frame_from_image * transform.image_from_labels;
    // Nor for pixels that are no squares, unless the map shows the whole photo: strokes would be uneven.
    let [scale, _] = transform.image_from_labels.singular_values();
    let scale = scale * frame.scale();
    let is_even = options.map_extent.is_default() || transform.has_square_pixels();
    let is_map_frame = options.tolerance == 0.0 && scale <= MAX_SCALE_OF_MAP_FRAME && is_even;
    let labels_from_frame = frame_from_labels.inverse().filter(|_| is_map_frame);
    let outlines: Vec<Cow<'_, Polygons>> = contours
        .iter()
        .map(|(_, polygons)| match &labels_from_frame {
            Some(labels_from_frame) => {
                let mut polygons = polygons.clone();
                polygons.transform(labels_from_frame);
                Cow::Owned(polygons)
            }
            None => Cow::Borrowed(polygons),
        })
        .collect();
    let shapes: Vec<Shape<'_>> = regions
        .iter()
        .zip(keys.iter().zip(colors))
        .zip(&outlines)
        .map(|((region, (key, color)), polygons)| {
            let [x, y] = region.label_point;
            Shape { key, name: &region.name, color: color.clone(), polygons, label_point: Point::new(x, y) }
        })
        .collect();
    let embed = |photo| embed_photo(photo, size, &frame_from_image, options.max_embed_pixels);
    let image = photo.map(embed).transpose()?;
    let document_from_paths = labels_from_frame.map(|_| frame_from_labels);
    Ok(render_document(
        size,
        &shapes,
        options.style,
        image.as_ref(),
        document_from_paths.as_ref(),
        &options.id_prefix,
    ))
}
