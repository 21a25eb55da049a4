//! The closed loops of each landmark scheme, in painting order: each is painted over the earlier ones.
//!
//! Sources:
//! * `mediapipe-478`: `FaceLandmarksConnections` of mediapipe 1.2.2, `tasks/python/vision/face_landmarker.py`, for face
//!   oval, brows, eyes and lips. The loop of the nose follows edges of the same mesh (`face_model_with_iris.obj` of
//!   mediapipe) around the area that parsing networks label as nose.
//! * `ibug-68`: the index picture of 300-W (`figure_68_markup.jpg`, Sagonas et al. 2013).
//! * `wflw-98`: the index picture of WFLW (Wu et al. 2018, "Look at Boundary").
//! * `lapa-106`: the index picture of LaPa (Liu et al. 2020, `JDAI-CV/lapa-dataset`).
//! * `insightface-106`: the index picture `2d106markup.jpg` of nttstar/insightface-resources.
//!
//! Each loop was looked at on the sample's photo.

use super::super::outline::OutlineVertex;
use super::guessed_vertices::{FaceAnchors, HairlineVertices, NoseVertices};

/// A closed loop through landmarks, which paints one label.
#[derive(Debug)]
pub(super) struct LandmarkLoop {
    /// The label, by our names.
    pub(super) label: &'static str,
    /// The landmarks along it.
    pub(super) landmarks: &'static [u16],
    /// Those of them that are corners of the curve.
    pub(super) corners: &'static [u16],
    /// The vertices that close it where the scheme has no landmark.
    pub(super) guessed: &'static [OutlineVertex],
    /// What of it is a guess, and why.
    pub(super) guess: Option<&'static str>,
}

/// The loops of a landmark scheme.
pub(super) type LoopTable = [LandmarkLoop; 9];

/// The loops of the scheme of that name; `None` for a scheme whose points outline no face.
pub(super) fn loops_of(scheme: &str) -> Option<&'static LoopTable> {
    match scheme {
        "mediapipe-478" => Some(&MEDIAPIPE_478),
        "ibug-68" => Some(&IBUG_68),
        "wflw-98" => Some(&WFLW_98),
        "lapa-106" => Some(&LAPA_106),
        "insightface-106" => Some(&INSIGHTFACE_106),
        _ => None,
    }
}

const HAIRLINE: Option<&str> = Some("the upper edge: no landmark marks the hairline");
const BROW_BAND: Option<&str> = Some("the shape: landmarks mark a band that is wider than the hair");
const BROW_LINE: Option<&str> = Some("the lower edge: landmarks mark the upper one");
const NOSE_SIDES: Option<&str> = Some("the sides: landmarks mark the ridge and the base");

/// A loop through landmarks alone.
const fn closed(
    label: &'static str,
    landmarks: &'static [u16],
    corners: &'static [u16],
    guess: Option<&'static str>,
) -> LandmarkLoop {
    LandmarkLoop { label, landmarks, corners, guessed: &[], guess }
}

/// A loop that guessed vertices close.
const fn completed(
    label: &'static str,
    landmarks: &'static [u16],
    guessed: &'static [OutlineVertex],
    guess: Option<&'static str>,
) -> LandmarkLoop {
    LandmarkLoop { label, landmarks, corners: &[], guessed, guess }
}

static MEDIAPIPE_478: LoopTable = [
    closed(
        "skin",
        &[
            10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
            148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
        ],
        &[],
        HAIRLINE,
    ),
    closed(
        "nose",
        &[
            168, 193, 245, 188, 174, 217, 198, 209, 49, 129, 64, 98, 97, 2, 326, 327, 294, 358, 279, 429,
            420, 437, 399, 412, 465, 417,
        ],
        &[],
        None,
    ),
    closed("brow_r", &[70, 63, 105, 66, 107, 55, 65, 52, 53, 46], &[70], BROW_BAND),
    closed("brow_l", &[300, 293, 334, 296, 336, 285, 295, 282, 283, 276], &[300], BROW_BAND),
    closed(
        "eye_r",
        &[33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246],
        &[33, 133],
        None,
    ),
    closed(
        "eye_l",
        &[263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466],
        &[263, 362],
        None,
    ),
    closed(
        "mouth_inner",
        &[78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95],
        &[78, 308],
        None,
    ),
    closed(
        "lip_lower",
        &[
            61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95,
            78,
        ],
        &[61, 291, 308, 78],
        None,
    ),
    closed(
        "lip_upper",
        &[61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191, 78],
        &[61, 291, 308, 78],
        None,
    ),
];

const IBUG_68_ANCHORS: FaceAnchors = FaceAnchors {
    ridge: [27, 28, 29],
    base: [31, 33, 35],
    eye_r: [36, 39],
    eye_l: [45, 42],
    brow_r: [17, 18, 19, 20, 21],
    brow_l: [26, 25, 24, 23, 22],
};
const IBUG_68_HAIRLINE: HairlineVertices = IBUG_68_ANCHORS.hairline();
const IBUG_68_NOSE_SIDES: NoseVertices = IBUG_68_ANCHORS.nose_sides();
const IBUG_68_BROW_R: [OutlineVertex; 4] = IBUG_68_ANCHORS.below_brow([21, 20, 19, 18]);
const IBUG_68_BROW_L: [OutlineVertex; 4] = IBUG_68_ANCHORS.below_brow([25, 24, 23, 22]);

static IBUG_68: LoopTable = [
    completed(
        "skin",
        &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
        &IBUG_68_HAIRLINE,
        HAIRLINE,
    ),
    completed("nose", &[31, 32, 33, 34, 35], &IBUG_68_NOSE_SIDES, NOSE_SIDES),
    completed("brow_r", &[17, 18, 19, 20, 21], &IBUG_68_BROW_R, BROW_LINE),
    completed("brow_l", &[22, 23, 24, 25, 26], &IBUG_68_BROW_L, BROW_LINE),
    closed("eye_r", &[36, 37, 38, 39, 40, 41], &[36, 39], None),
    closed("eye_l", &[42, 43, 44, 45, 46, 47], &[42, 45], None),
    closed("mouth_inner", &[60, 61, 62, 63, 64, 65, 66, 67], &[60, 64], None),
    closed("lip_lower", &[48, 59, 58, 57, 56, 55, 54, 64, 65, 66, 67, 60], &[48, 54, 64, 60], None),
    closed("lip_upper", &[48, 49, 50, 51, 52, 53, 54, 64, 63, 62, 61, 60], &[48, 54, 64, 60], None),
];

/// The jaw line of 98 and 106 points.
const JAW_33: &[u16] = &[
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
    29, 30, 31, 32,
];

const WFLW_98_ANCHORS: FaceAnchors = FaceAnchors {
    ridge: [51, 52, 53],
    base: [55, 57, 59],
    eye_r: [60, 64],
    eye_l: [72, 68],
    brow_r: [33, 34, 35, 36, 37],
    brow_l: [46, 45, 44, 43, 42],
};
const WFLW_98_HAIRLINE: HairlineVertices = WFLW_98_ANCHORS.hairline();
const WFLW_98_NOSE_SIDES: NoseVertices = WFLW_98_ANCHORS.nose_sides();

static WFLW_98: LoopTable = [
    completed("skin", JAW_33, &WFLW_98_HAIRLINE, HAIRLINE),
    completed("nose", &[55, 56, 57, 58, 59], &WFLW_98_NOSE_SIDES, NOSE_SIDES),
    closed("brow_r", &[33, 34, 35, 36, 37, 38, 39, 40, 41], &[33], BROW_BAND),
    closed("brow_l", &[42, 43, 44, 45, 46, 47, 48, 49, 50], &[46], BROW_BAND),
    closed("eye_r", &[60, 61, 62, 63, 64, 65, 66, 67], &[60, 64], None),
    closed("eye_l", &[68, 69, 70, 71, 72, 73, 74, 75], &[68, 72], None),
    closed("mouth_inner", &[88, 89, 90, 91, 92, 93, 94, 95], &[88, 92], None),
    closed("lip_lower", &[76, 87, 86, 85, 84, 83, 82, 92, 93, 94, 95, 88], &[76, 82, 92, 88], None),
    closed("lip_upper", &[76, 77, 78, 79, 80, 81, 82, 92, 91, 90, 89, 88], &[76, 82, 92, 88], None),
];

const LAPA_106_HAIRLINE: HairlineVertices = FaceAnchors {
    ridge: [51, 52, 53],
    base: [58, 60, 62],
    eye_r: [66, 70],
    eye_l: [79, 75],
    brow_r: [33, 34, 35, 36, 37],
    brow_l: [46, 45, 44, 43, 42],
}
.hairline();

static LAPA_106: LoopTable = [
    completed("skin", JAW_33, &LAPA_106_HAIRLINE, HAIRLINE),
    closed("nose", &[51, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65], &[], None),
    closed("brow_r", &[33, 34, 35, 36, 37, 38, 39, 40, 41], &[33], BROW_BAND),
    closed("brow_l", &[42, 43, 44, 45, 46, 47, 48, 49, 50], &[46], BROW_BAND),
    closed("eye_r", &[66, 67, 68, 69, 70, 71, 72, 73], &[66, 70], None),
    closed("eye_l", &[75, 76, 77, 78, 79, 80, 81, 82], &[75, 79], None),
    closed("mouth_inner", &[96, 97, 98, 99, 100, 101, 102, 103], &[96, 100], None),
    closed("lip_lower", &[84, 95, 94, 93, 92, 91, 90, 100, 101, 102, 103, 96], &[84, 90, 100, 96], None),
    closed("lip_upper", &[84, 85, 86, 87, 88, 89, 90, 100, 99, 98, 97, 96], &[84, 90, 100, 96], None),
];

const INSIGHTFACE_106_HAIRLINE: HairlineVertices = FaceAnchors {
    ridge: [72, 73, 74],
    base: [78, 80, 84],
    eye_r: [35, 39],
    eye_l: [93, 89],
    brow_r: [43, 48, 49, 51, 50],
    brow_l: [101, 105, 104, 103, 102],
}
.hairline();

static INSIGHTFACE_106: LoopTable = [
    completed(
        "skin",
        &[
            1, 9, 10, 11, 12, 13, 14, 15, 16, 2, 3, 4, 5, 6, 7, 8, 0, 24, 23, 22, 21, 20, 19, 18, 32, 31, 30,
            29, 28, 27, 26, 25, 17,
        ],
        &INSIGHTFACE_106_HAIRLINE,
        HAIRLINE,
    ),
    closed("nose", &[72, 75, 76, 77, 78, 79, 80, 85, 84, 83, 82, 81], &[], None),
    closed("brow_r", &[43, 48, 49, 51, 50, 46, 47, 45, 44], &[43], BROW_BAND),
    closed("brow_l", &[102, 103, 104, 105, 101, 100, 99, 98, 97], &[101], BROW_BAND),
    closed("eye_r", &[35, 41, 40, 42, 39, 37, 33, 36], &[35, 39], None),
    closed("eye_l", &[89, 95, 94, 96, 93, 91, 87, 90], &[89, 93], None),
    closed("mouth_inner", &[65, 66, 62, 70, 69, 57, 60, 54], &[65, 69], None),
    closed("lip_lower", &[52, 55, 56, 53, 59, 58, 61, 69, 57, 60, 54, 65], &[52, 61, 69, 65], None),
    closed("lip_upper", &[52, 64, 63, 71, 67, 68, 61, 69, 70, 62, 66, 65], &[52, 61, 69, 65], None),
];
