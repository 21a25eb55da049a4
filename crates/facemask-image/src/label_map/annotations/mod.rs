//! Label maps as annotation documents: masks as polygons and run lengths, in the JSON of COCO and of labelme.
//!
//! Sources: the data format of <https://cocodataset.org/#format-data>, and labelme's `label_file.py` and `shape.py`.

mod document;
mod json_fields;
mod mask_painter;
mod run_lengths;

pub(super) use document::AnnotationDocument;
