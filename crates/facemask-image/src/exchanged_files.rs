//! Photo and label map in each other's place: a mistake that the errors of either file alone do not show.

use facemask_core::error::{Error, ErrorKind};

use crate::header::read_header;
use crate::label_map::decode_label_map;
use crate::limits::Limits;

/// Most ids of a label map. A gray photo, which is also read as ids, has more levels.
const MAX_IDS: usize = 64;

/// Explains an error of a photo or a label map where both files are exchanged: the label map is a photo that is none of
/// a map, and the photo holds the ids of a map. Every other error stays as it is.
#[must_use]
pub fn explain_exchange(error: Error, photo: &[u8], label_map: &[u8], limits: &Limits) -> Error {
    let may_be_exchanged = matches!(
        error.kind,
        ErrorKind::MapNotLossless
            | ErrorKind::MapInvalid
            | ErrorKind::MapUnsupported
            | ErrorKind::ImageUnsupported
    );
    if !may_be_exchanged || read_header(label_map, limits).is_err() || !holds_ids(photo, limits) {
        return error;
    }
    // A map that is read as one is none of a photo, whatever the photo's file is.
    if error.kind == ErrorKind::ImageUnsupported && decode_label_map(label_map, limits, None).is_ok() {
        return error;
    }
    let detail = "the photo and the label map seem to be exchanged: the file of the label map is a photo, and the file \
                  of the photo holds the ids of a label map; give each in the place of the other";
    Error::new(error.kind, error.field, detail)
}

/// Whether a file is a label map of few ids.
fn holds_ids(file: &[u8], limits: &Limits) -> bool {
    decode_label_map(file, limits, None).is_ok_and(|map| {
        let mut is_used = [false; 256];
        map.labels.iter().for_each(|&id| is_used[usize::from(id)] = true);
        is_used.iter().filter(|&&used| used).count() <= MAX_IDS
    })
}
