//! Files that hold no landmarks, or hold them in a form that other programs have to convert: what they are, and how.

use facemask_image::identify_picture;

/// The command that writes an array as a list of points.
macro_rules! write_as_json {
    ($imports:literal, $points:literal) => {
        concat!(
            "write its points as JSON: python -c \"import json, ",
            $imports,
            "; print(json.dumps(",
            $points,
            ".tolist()))\" > landmarks.json"
        )
    };
}

const MAT: &str = concat!(
    "this is a MATLAB file; ",
    write_as_json!("scipy.io", "scipy.io.loadmat('FILE.mat')['pt2d'].T"),
    ", with the name of its array for pt2d"
);
const MAT_HDF5: &str = concat!(
    "this is a MATLAB file of version 7.3; ",
    write_as_json!("h5py", "h5py.File('FILE.mat')['pt2d'][:]"),
    ", with the name of its array for pt2d"
);
const HDF5: &str = concat!(
    "this is an HDF5 file; ",
    write_as_json!("h5py", "h5py.File('FILE.h5')['NAME'][:]"),
    ", with the name of its array for NAME"
);
const NPZ: &str = concat!(
    "this is a NumPy archive (.npz); ",
    write_as_json!("numpy", "numpy.load('FILE.npz')['NAME']"),
    ", with the name of its array for NAME"
);
const TORCH: &str =
    concat!("this is a PyTorch file; ", write_as_json!("torch", "torch.load('FILE.pt', weights_only=True)"));
const PICKLE: &str = concat!(
    "this is a pickle, which may run code when it is read, so facemask never reads it; if you trust it, ",
    write_as_json!("numpy", "numpy.asarray(numpy.load('FILE.pkl', allow_pickle=True))")
);
const ZIP: &str = "this is a ZIP archive; unpack it, and pass the landmark file of this one photo";
const EXCEL: &str = "this is an Excel workbook; save the sheet as CSV, with a head such as x,y";
const OPEN_DOCUMENT: &str = "this is an OpenDocument file; save the sheet as CSV, with a head such as x,y";
const PACKED: &str = "this is a compressed file; unpack it first";
const VIDEO: &str =
    "this is a video; pass one frame of it as the photo, and the landmarks of that frame as text or JSON";

/// First bytes of files that hold no picture, and what to say.
const SIGNATURES: [(&[u8], &str); 18] = [
    (b"MATLAB 5.0 MAT-file", MAT),
    (b"MATLAB 7.3 MAT-file", MAT_HDF5),
    (b"\x89HDF\r\n\x1a\n", HDF5),
    (b"PK\x05\x06", "this is an empty ZIP archive"),
    (b"%PDF", "this is a PDF; landmarks are text, JSON, XML of imglab or a NumPy array"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", EXCEL),
    (b"\x1f\x8b", PACKED),
    (b"BZh", PACKED),
    (b"\xfd7zXZ\0", PACKED),
    (b"\x28\xb5\x2f\xfd", PACKED),
    (b"7z\xbc\xaf\x27\x1c", PACKED),
    (b"Rar!\x1a\x07", PACKED),
    (b"\x1a\x45\xdf\xa3", VIDEO),
    (b"FLV\x01", VIDEO),
    (b"\0\0\x01\xba", VIDEO),
    (b"PAR1", "this is a Parquet file; write its points as CSV, with a head such as x,y"),
    (b"ARROW1\0", "this is an Arrow file; write its points as CSV, with a head such as x,y"),
    (
        b"SQLite format 3\0",
        "this is an SQLite database; write the points of one face as CSV, with a head such as x,y",
    ),
];

/// Says what a file is that holds no landmarks to be read, and what to do; `None` for every other file.
pub(crate) fn describe(data: &[u8]) -> Option<String> {
    if let Some((_, text)) = SIGNATURES.iter().find(|(signature, _)| data.starts_with(signature)) {
        return Some((*text).to_owned());
    }
    let described = match data {
        [b'P', b'K', 3, 4, ..] => describe_zip(data).to_owned(),
        [0x80, 2..=5, ..] => PICKLE.to_owned(),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', b' ', ..] => VIDEO.to_owned(),
        _ => match identify_picture(data) {
            Some(kind) => describe_picture(kind),
            None if data.get(4..8) == Some(b"ftyp") => VIDEO.to_owned(),
            None => return None,
        },
    };
    Some(described)
}

fn describe_picture(kind: &str) -> String {
    format!("this is {kind}; landmarks are the points of the face: check the order of the files")
}

/// Says what a ZIP archive is for, by the names of its first members.
fn describe_zip(data: &[u8]) -> &'static str {
    let head = &data[..data.len().min(4096)];
    let has = |name: &[u8]| head.windows(name.len()).any(|window| window == name);
    let length = head.get(26..28).map_or(0, |bytes| usize::from(u16::from_le_bytes([bytes[0], bytes[1]])));
    let first = head.get(30..30 + length).unwrap_or_default();
    if first.ends_with(b".npy") {
        NPZ
    } else if first.ends_with(b"/data.pkl") || has(b"/data.pkl") {
        TORCH
    } else if first == b"[Content_Types].xml" || first.starts_with(b"xl/") || has(b"xl/workbook") {
        EXCEL
    } else if has(b"vnd.oasis.opendocument") {
        OPEN_DOCUMENT
    } else {
        ZIP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_in_words() {
        let heads: [(&[u8], &str); 12] = [
            (b"\x89PNG\r\n\x1a\n\0\0", "this is a PNG picture; landmarks are"),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "this is a WebP picture"),
            (b"\0\0\0\x20ftypisom\0", "this is a video"),
            (b"\0\0\0\x20ftypheic\0", "this is a HEIC picture"),
            (b"\x80\x04\x95", "this is a pickle, which may run code"),
            (b"MATLAB 5.0 MAT-file, Platform", "scipy.io.loadmat('FILE.mat')['pt2d'].T.tolist()"),
            (b"\x89HDF\r\n\x1a\n", "this is an HDF5 file"),
            (b"%PDF-1.7", "this is a PDF"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save the sheet as CSV"),
            (b"PK\x03\x04", "this is a ZIP archive"),
            (b"\x1f\x8b\x08", "unpack it first"),
            (b"BM\x36\0\0\0\0\0\0\0", "this is a BMP picture"),
        ];
        for (head, words) in heads {
            let text = describe(head).unwrap();
            assert!(text.contains(words), "{text}");
            assert!(text.len() < 300, "{text}");
        }
        let mut npz = b"PK\x03\x04".to_vec();
        npz.resize(26, 0);
        npz.extend(b"\x05\0\0\0a.npy");
        assert!(describe(&npz).unwrap().contains(".npz"));
        for other in [&b"1 2\n"[..], b"BMW.jpg 1 2", b"", b"P", b"RIFF", b"version: 1", b"{}"] {
            assert_eq!(describe(other), None);
        }
    }
}
