//! Real files of every form: their points, and the same files damaged.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use facemask_core::geometry::Point;
use facemask_landmarks::{LandmarkContent, LandmarkForm, MAX_BYTES, read_landmark_file};
use proptest::prelude::*;

/// The five points of `fixtures/make.py`.
fn points() -> Vec<Point> {
    (0..5).map(|i| Point::new(10.0 + 3.0 * f64::from(i), 11.5 + 3.0 * f64::from(i))).collect()
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
}

fn fixtures() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut names: Vec<_> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names.retain(|name| !name.ends_with(".py"));
    names.into_iter().map(|name| (name.clone(), fixture(&name))).collect()
}

fn faces(data: &[u8]) -> (LandmarkForm, Vec<Vec<Point>>) {
    let file = read_landmark_file(data).unwrap();
    match file.content {
        LandmarkContent::Faces(faces) => (file.form, faces),
        LandmarkContent::Json(_) => panic!("JSON"),
    }
}

fn refusal(data: &[u8]) -> String {
    let error = read_landmark_file(data).unwrap_err();
    assert_eq!((error.kind.code(), error.field.as_str()), ("landmarks_invalid", "landmarks"));
    assert!(error.detail.len() < 320, "{error}");
    error.detail
}

#[test]
fn arrays_of_numpy_are_read_in_every_type_and_order() {
    for name in
        ["f2", "f4", "f8", "f8-big", "fortran", "transposed", "depth", "opencv", "version-2", "version-3"]
    {
        assert_eq!(faces(&fixture(&format!("{name}.npy"))), (LandmarkForm::Npy, vec![points()]), "{name}");
    }
    let whole: Vec<_> = points().iter().map(|p| Point::new(p.x.trunc(), p.y.trunc())).collect();
    for name in ["i2-big", "i4", "i8", "u1", "u2"] {
        assert_eq!(faces(&fixture(&format!("{name}.npy"))).1, std::slice::from_ref(&whole), "{name}");
    }
    let reversed: Vec<_> = points().into_iter().rev().collect();
    assert_eq!(faces(&fixture("two-faces.npy")).1, [points(), reversed]);
}

#[test]
fn arrays_that_hold_no_points_are_named() {
    for (name, words) in [
        ("objects.npy", "Python objects, a pickle, which facemask never reads"),
        ("bool.npy", "numbers of type |b1"),
        ("complex.npy", "numbers of type <c16"),
        ("text.npy", "numbers of type <U1"),
        ("fields.npy", "named fields"),
        ("empty.npy", "the file holds no points"),
        ("archive.npz", "this is a NumPy archive (.npz); write its points as JSON"),
        ("matlab.mat", "this is a MATLAB file; write its points as JSON"),
    ] {
        let detail = refusal(&fixture(name));
        assert!(detail.contains(words), "{detail}");
    }
}

#[test]
fn a_head_of_numpy_that_asks_for_too_much_is_refused_before_anything_is_allocated() {
    let head = |shape: &str| {
        let text = format!("{{'descr': '<f8', 'fortran_order': True, 'shape': {shape}, }}\n");
        [&b"\x93NUMPY\x01\0"[..], &(text.len() as u16).to_le_bytes(), text.as_bytes()].concat()
    };
    for (shape, words) in [
        ("(1000000000000, 2)", "has more numbers than"),
        ("(18446744073709551615, 18446744073709551615)", "has more numbers than"),
        ("(99999999999999999999, 2)", "no valid shape"),
        ("(-1, 2)", "no valid shape"),
        ("(1000, 2)", "asks for 16000 bytes, and 0 follow"),
        ("(1, 1, 1, 1, 1, 1, 1, 1, 1, 1)", "asks for 8 bytes, and 0 follow"),
        (&format!("({})", "1, ".repeat(65)), "no valid shape"),
    ] {
        assert!(refusal(&head(shape)).contains(words), "{shape}: {}", refusal(&head(shape)));
    }
    assert!(refusal(b"\x93NUMPY\x02\0\xff\xff\xff\xff{").contains("it may have 10000"));
    assert!(refusal(b"\x93NUMPY\x09\0").contains("version 9"));
}

#[test]
fn texts_of_numpy_are_read() {
    assert_eq!(faces(&fixture("savetxt.txt")), (LandmarkForm::Rows, vec![points()]));
    assert_eq!(faces(&fixture("savetxt.csv")), (LandmarkForm::Csv, vec![points()]));
    assert_eq!(faces(&fixture("printed.txt")), (LandmarkForm::Matrix, vec![points()]));
}

/// menpo adds 1 to its pixel numbers, which count from 0 at the center of the first pixel. That center is 0.5 in the
/// image frame, so the points come back half a pixel further than menpo's numbers.
#[test]
fn pts_counts_pixels_from_1_and_the_center_of_the_first_is_one_half() {
    let (form, found) = faces(&fixture("menpo.pts"));
    let expected: Vec<_> = points().iter().map(|p| Point::new(p.x + 0.5, p.y + 0.5)).collect();
    assert_eq!((form, form.first_pixel(), found), (LandmarkForm::Pts, 1, vec![expected]));
    let ratios = faces(b"version: 1\nn_points: 2\n{\n0.25 0.5\n1 1\n}\n").1;
    assert_eq!(ratios, [[Point::new(0.25, 0.5), Point::new(1.0, 1.0)]], "ratios are not moved");
    assert!(LandmarkForm::ALL.iter().all(|&other| other.first_pixel() == u8::from(other == form)));
}

#[test]
fn xml_of_dlib_is_sorted_by_number_though_dlib_sorts_by_text() {
    let (form, found) = faces(&fixture("dlib.xml"));
    let face = |offset: i32| -> Vec<_> {
        (0..12).map(|i| Point::new(f64::from(10 + i + offset), f64::from(20 + 2 * i))).collect()
    };
    assert_eq!((form, found), (LandmarkForm::DlibXml, vec![face(0), face(100)]));
}

/// Numbers of n points that form no row of their own: x is 10, 11, ..., y twice that.
fn flat(count: usize) -> String {
    (0..count).map(|i| format!("{}.5 {} ", i + 10, 2 * i)).collect()
}

fn flat_points(count: usize) -> Vec<Point> {
    (0..count).map(|i| Point::new(i as f64 + 10.5, 2.0 * i as f64)).collect()
}

#[test]
fn lines_of_wflw_end_with_box_attributes_and_name() {
    let line = |name: &str| format!("{}10 20 300 400 0 1 0 0 1 0 {name}\n", flat(98));
    let expected = || vec![flat_points(98)];
    assert_eq!(faces(line("37--Soccer/37_Soccer_1.jpg").as_bytes()), (LandmarkForm::Wflw, expected()));
    assert_eq!(faces(format!("{}a.jpg\n", flat(98)).as_bytes()), (LandmarkForm::Wflw, expected()));
    let two = line("a.jpg").repeat(2);
    assert_eq!(faces(two.as_bytes()).1, [flat_points(98), flat_points(98)]);
    let list: String = (0..7500).map(|i| line(&format!("{i}.jpg"))).collect();
    assert_eq!(
        refusal(list.as_bytes()),
        "the file lists 7500 pictures; keep the lines of your photo alone, as `grep NAME FILE` does"
    );
}

#[test]
fn lines_that_begin_with_a_name_are_read() {
    for text in [
        "000001.jpg  69 109 106 113 77 142 73 152 108 154",
        "000001.jpg,69,109,106,113,77,142,73,152,108,154",
    ] {
        let (form, found) = faces(text.as_bytes());
        assert_eq!(
            (form, found[0].len(), found[0][4]),
            (LandmarkForm::AnnotationLine, 5, Point::new(108.0, 154.0))
        );
    }
    assert!(
        refusal(b"a.jpg 1 2 3 4 5 6\na.jpg 1 2 3 4 5 6 7 8\n").starts_with("line 2: must have 6 numbers")
    );
}

#[test]
fn texts_with_a_count_or_a_name_in_front_are_read() {
    let rows: String = (0..106).map(|i| format!("{}.25 {}\r\n", i + 10, i)).collect();
    let (form, found) = faces(format!("106\r\n{rows}").as_bytes());
    assert_eq!(
        (form, found[0].len(), found[0][105]),
        (LandmarkForm::CountedRows, 106, Point::new(115.25, 105.0))
    );
    let helen = faces(b"100032540_1\n1.5 , 2\n3 , 4\n5 , 6\n");
    assert_eq!((helen.0, helen.1[0][2]), (LandmarkForm::CountedRows, Point::new(5.0, 6.0)));
    assert_eq!(refusal(format!("105\n{rows}").as_bytes()), "line 1 says 105 points, but 106 follow");
    assert!(refusal(b"99999999999\n1 2\n3 4\n").contains("more than 1048576 points"));
}

#[test]
fn rows_of_numbers_are_read_in_many_spellings() {
    let expected = vec![vec![Point::new(1.5, 2.0), Point::new(-30.0, 4.0), Point::new(5.0, 6.0)]];
    for text in [
        "1.5 2\n-3e1 4\n5 6",
        "# x y\n\n1.5\t2\r\n-30\t4\r\n5\t6\r\n\r\n",
        "1.5, 2, \n-30, 4,\n5, 6,\n",
        "1,5;2\n-30;4\n5;6\n",
        "(1.5, 2)\n(-30, 4)\n(5, 6)\n",
        "0 1.5 2\n1 -30 4\n2 5 6\n",
        "1 1.5 2 0\n2 -30 4 0\n3 5 6 0\n",
        "1.5 2 nan\n-30 4 nan\n5 6 nan\n",
        "\u{feff}1.5 2 // outer\n-30 4 % inner\n5 6\n\x1a",
        "pts = [1.5 2; -30 4; 5 6];",
        "[1.5,2;-30,4;5,6]",
    ] {
        assert_eq!(faces(text.as_bytes()).1, expected, "{text}");
    }
    let utf16: Vec<u8> = "1.5 2\n-30 4\n5 6".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(faces(&utf16).1, expected);
    let numbered: String = (0..68).map(|i| format!("{}.5,7\n", i + 3)).collect();
    assert_eq!(faces(format!("0,1\n{numbered}").as_bytes()).1[0].len(), 68, "pandas numbers the columns");
    assert_eq!(faces(flat(68).as_bytes()).1, [flat_points(68)]);
}

#[test]
fn every_refusal_names_its_line_and_no_coordinate() {
    for (text, words) in [
        ("1 2\n3 4\n5 6 7\n", "line 3: must have 2 numbers"),
        ("1 2\n3 4\n5.6.7 8\n", "line 3: must hold numbers, but value 1 is not a number"),
        ("1 2\n# c\n3 nan\n", "line 3: must be finite numbers of at most a million, got nan"),
        ("1 2\n3 -inf\n", "line 2: must be finite"),
        ("1 2\n3 1000000.5\n", "line 2: must be finite numbers of at most a million, got a larger one"),
        ("1,2\n3,,4\n", "line 2: has an empty cell"),
        ("1 2 3 4\n5 6 7 8\n9 9 9 9\n", "each row must hold two or three numbers a point"),
        ("hello\nworld\n", "line 1: the text is no landmark file of a known form"),
        ("row,col\n1,2\n3,4\n", "line 1: the text is no landmark file of a known form"),
        ("  \n# nothing\n", "nothing but blank lines"),
        ("", "the file is empty"),
        ("[1 2; 3 4", "its brackets are not closed"),
        ("\x01\x02\x03", "neither text nor"),
        ("<html></html>", "this is a web page"),
    ] {
        let detail = refusal(text.as_bytes());
        assert!(detail.contains(words), "{text}: {detail}");
    }
    assert!(!refusal(b"812.34567 2\n3 812.34567.1\n").contains("34567"));
}

#[test]
fn json_is_handed_on_as_text() {
    for text in ["[[1, 2]]", " {\"x\": [1]}", "null", "\"text\"", "[", "{", "[NaN]"] {
        for bytes in [
            text.as_bytes().to_vec(),
            format!("\u{feff}{text}").into_bytes(),
            format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect(),
            format!("\u{feff}{text}").chars().flat_map(|c| (c as u32).to_le_bytes()).collect(),
        ] {
            let file = read_landmark_file(&bytes).unwrap();
            assert_eq!(
                (file.form, file.content),
                (LandmarkForm::Json, LandmarkContent::Json(text.to_owned()))
            );
        }
    }
    assert!(refusal(b"{\"a\": \"\xe9\"}").contains("JSON, but not in UTF-8"));
}

#[test]
fn sizes_are_bounded() {
    assert_eq!(faces("1 2\n".repeat(1 << 20).as_bytes()).1[0].len(), 1 << 20);
    assert!(refusal("1 2\n".repeat((1 << 20) + 1).as_bytes()).contains("more than 1048576 lines"));
    assert!(refusal("1 ".repeat(4 << 20).as_bytes()).contains("line 1: has more than 3145728 cells"));
    assert!(refusal("1,".repeat(4 << 20).as_bytes()).contains("line 1: has more than 3145728 cells"));
    assert!(refusal(&vec![b'1'; MAX_BYTES + 1]).contains("a landmark file may have"));
    let wide = format!("{}\n", (0..20_000).map(|i| format!("x_{i},y_{i},")).collect::<String>());
    assert!(refusal(wide.as_bytes()).starts_with("line 1: the text is no landmark file"));
    let list = format!("<annotations><points points='{}1,2'/></annotations>", "1,2;".repeat(1 << 20));
    assert!(refusal(list.as_bytes()).contains("more points than a file may have"));
    let lists = format!("<annotations>{}</annotations>", "<points points='1,2;3,4'/>".repeat(1 << 20));
    assert!(refusal(lists.as_bytes()).contains("more than 1048576 points"));
    let attributes = format!("<dataset {}/>", "a='1' ".repeat(1 << 20));
    assert!(refusal(attributes.as_bytes()).contains("0 boxes"));
    let boxes = format!("<dataset>{}</dataset>", "<box/>".repeat(1 << 20));
    assert!(refusal(boxes.as_bytes()).contains("boxes are no landmarks"));
}

/// The texts of this file's forms that are short enough to be cut at every byte.
fn short_texts() -> Vec<(String, Vec<u8>)> {
    let mut files = fixtures();
    for text in [
        "106\n1.5 2\n3 4\n",
        "frame, face_id, timestamp, confidence, success, x_0, x_1, y_0, y_1\n1, 0, 0.0, 0.9, 1, 1.5, 3, 2, 4\n",
        "x;y\n1,5;2\n",
        "a.jpg 1 2 3 4 5 6\n",
        "pts = [1.5 2; 3 4];\n",
        "[[1, 2]]",
        "<annotations><image id=\"0\"><skeleton><points label=\"1\" points=\"1,2\"/></skeleton>\
         <points points=\"3,4;5,6\"/></image></annotations>",
        "0 .5 .5 .2 .2 .4 .1 .4 .2 .4 .3 .4 .4 .4 .5\n",
        "1\na_x a_y b_x b_y c_x c_y\na.jpg 1 2 3 4 5 6\n",
        "landmarks:\n  - [1, 2]\n",
    ] {
        files.push((text.to_owned(), text.as_bytes().to_vec()));
    }
    files
}

#[test]
fn files_cut_at_any_byte_are_read_or_refused() {
    for (name, data) in short_texts() {
        for end in 0..data.len() {
            let _ = read_landmark_file(&data[..end]);
        }
        // Whoever has a form with an end notices that it is missing.
        let has_end = [".npy", ".pts", ".xml"].iter().any(|end| name.ends_with(end));
        if has_end && read_landmark_file(&data).is_ok() {
            let last =
                data.iter().rposition(|byte| !byte.is_ascii_whitespace() || name.ends_with(".npy")).unwrap();
            assert!((0..=last).all(|end| read_landmark_file(&data[..end]).is_err()), "{name}");
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(data in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_landmark_file(&data);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[-0-9eE.,; \t\n\\[\\]{}()<>/'\"a-z_:=#%]{0,300}") {
        if let Err(error) = read_landmark_file(text.as_bytes()) {
            prop_assert!(error.detail.len() < 320);
        }
    }

    #[test]
    fn files_with_any_bytes_changed_are_read_or_refused(
        file in 0..short_texts().len(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut data = short_texts().swap_remove(file).1;
        for (index, byte) in changes {
            let index = index.index(data.len());
            data[index] = byte;
        }
        let _ = read_landmark_file(&data);
    }

    #[test]
    fn rows_come_back_as_they_were_written(
        points in proptest::collection::vec((-1e6..1e6_f64, -1e6..1e6_f64), 3..200),
        separator in prop::sample::select(vec![" ", ", ", ",", "\t", ";", " ; "]),
        end in prop::sample::select(vec!["\n", "\r\n", " \n"]),
    ) {
        // A column that counts the rows would be dropped.
        prop_assume!(points[0].0 != 0.0 && points[0].0 != 1.0);
        let text: String = points.iter().map(|(x, y)| format!("{x}{separator}{y}{end}")).collect();
        let expected: Vec<_> = points.iter().map(|&(x, y)| Point::new(x, y)).collect();
        prop_assert_eq!(faces(text.as_bytes()).1, vec![expected]);
    }
}
