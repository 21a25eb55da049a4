//! The parts of every landmark scheme: part name to point indices.
//!
//! `_r` and `_l` are the SUBJECT's sides. Eye corners are `[outer, inner]`. Eye and lip lists are closed rings. Jaw
//! lines run from the subject's right to the left.

/// Named lists of point indices.
pub type Parts = &'static [(&'static str, &'static [u16])];

/// Source: mediapipe 1.2.2 `tasks/python/vision/face_landmarker.py`, FaceLandmarksConnections; verified on a drawing.
pub(super) static MEDIAPIPE_478: Parts = &[
    ("eye_r", &[33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246]),
    ("eye_l", &[263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466]),
    ("eye_r_corners", &[33, 133]),
    ("eye_l_corners", &[263, 362]),
    ("pupil_r", &[468]),
    ("pupil_l", &[473]),
    ("iris_r", &[469, 470, 471, 472]),
    ("iris_l", &[474, 475, 476, 477]),
    ("brow_r_upper", &[70, 63, 105, 66, 107]),
    ("brow_r_lower", &[46, 53, 52, 65, 55]),
    ("brow_l_upper", &[300, 293, 334, 296, 336]),
    ("brow_l_lower", &[276, 283, 282, 295, 285]),
    ("nose_ridge", &[168, 6, 197, 195, 5, 4, 1, 19, 94, 2]),
    ("nose_base", &[98, 97, 2, 326, 327]),
    ("nose_outline", &[98, 97, 2, 326, 327, 294, 278, 344, 440, 275, 4, 45, 220, 115, 48, 64]),
    ("nose_tip", &[1]),
    (
        "lips_outer",
        &[61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185],
    ),
    (
        "lips_inner",
        &[78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191],
    ),
    ("mouth_r", &[61]),
    ("mouth_l", &[291]),
    (
        "face_oval",
        &[
            10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
            148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
        ],
    ),
    ("chin", &[152]),
    ("forehead", &[10]),
];

/// Source: dlib / 300-W / face-alignment order; mean face of jhb86253817/PIPNet, verified on a drawing.
pub(super) static IBUG_68: Parts = &[
    ("eye_r", &[36, 37, 38, 39, 40, 41]),
    ("eye_l", &[42, 43, 44, 45, 46, 47]),
    ("eye_r_corners", &[36, 39]),
    ("eye_l_corners", &[45, 42]),
    ("brow_r", &[17, 18, 19, 20, 21]),
    ("brow_l", &[22, 23, 24, 25, 26]),
    ("nose_ridge", &[27, 28, 29, 30]),
    ("nose_base", &[31, 32, 33, 34, 35]),
    ("nose_tip", &[30]),
    ("lips_outer", &[48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59]),
    ("lips_inner", &[60, 61, 62, 63, 64, 65, 66, 67]),
    ("mouth_r", &[48]),
    ("mouth_l", &[54]),
    ("jaw_r_to_l", &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
    ("chin", &[8]),
];

/// Source: mean face of jhb86253817/PIPNet, verified on a drawing; the flip pairs of
/// HRNet/HRNet-Facial-Landmark-Detection agree.
pub(super) static WFLW_98: Parts = &[
    ("eye_r", &[60, 61, 62, 63, 64, 65, 66, 67]),
    ("eye_l", &[68, 69, 70, 71, 72, 73, 74, 75]),
    ("eye_r_corners", &[60, 64]),
    ("eye_l_corners", &[72, 68]),
    ("pupil_r", &[96]),
    ("pupil_l", &[97]),
    ("brow_r", &[33, 34, 35, 36, 37, 38, 39, 40, 41]),
    ("brow_l", &[42, 43, 44, 45, 46, 47, 48, 49, 50]),
    ("nose_ridge", &[51, 52, 53, 54]),
    ("nose_base", &[55, 56, 57, 58, 59]),
    ("nose_tip", &[54]),
    ("lips_outer", &[76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87]),
    ("lips_inner", &[88, 89, 90, 91, 92, 93, 94, 95]),
    ("mouth_r", &[76]),
    ("mouth_l", &[82]),
    (
        "jaw_r_to_l",
        &[
            0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
            27, 28, 29, 30, 31, 32,
        ],
    ),
    ("chin", &[16]),
];

/// Source: mean face of jhb86253817/PIPNet `data/LaPa`, verified on a drawing.
pub(super) static LAPA_106: Parts = &[
    ("eye_r", &[66, 67, 68, 69, 70, 71, 72, 73]),
    ("eye_l", &[75, 76, 77, 78, 79, 80, 81, 82]),
    ("eye_r_corners", &[66, 70]),
    ("eye_l_corners", &[79, 75]),
    ("pupil_r", &[74, 104]),
    ("pupil_l", &[83, 105]),
    ("brow_r", &[33, 34, 35, 36, 37, 38, 39, 40, 41]),
    ("brow_l", &[42, 43, 44, 45, 46, 47, 48, 49, 50]),
    ("nose_ridge", &[51, 52, 53, 54]),
    ("nose_outline", &[55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65]),
    ("nose_base", &[58, 59, 60, 61, 62]),
    ("nose_tip", &[54]),
    ("lips_outer", &[84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95]),
    ("lips_inner", &[96, 97, 98, 99, 100, 101, 102, 103]),
    ("mouth_r", &[84]),
    ("mouth_l", &[90]),
    (
        "jaw_r_to_l",
        &[
            0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
            27, 28, 29, 30, 31, 32,
        ],
    ),
    ("chin", &[16]),
];

/// Source: the index picture `2d106markup.jpg` of nttstar/insightface-resources, read by eye.
pub(super) static INSIGHTFACE_106: Parts = &[
    ("eye_r", &[35, 41, 40, 42, 39, 37, 33, 36]),
    ("eye_l", &[89, 95, 94, 96, 93, 91, 87, 90]),
    ("eye_r_corners", &[35, 39]),
    ("eye_l_corners", &[93, 89]),
    ("pupil_r", &[34, 38]),
    ("pupil_l", &[88, 92]),
    ("brow_r", &[43, 48, 49, 51, 50, 46, 47, 45, 44]),
    ("brow_l", &[102, 103, 104, 105, 101, 100, 99, 98, 97]),
    ("nose_ridge", &[72, 73, 74, 86]),
    ("nose_outline", &[75, 76, 77, 78, 79, 80, 85, 84, 83, 82, 81]),
    ("nose_base", &[78, 79, 80, 85, 84]),
    ("nose_tip", &[86]),
    ("lips_outer", &[52, 64, 63, 71, 67, 68, 61, 58, 59, 53, 56, 55]),
    ("lips_inner", &[65, 66, 62, 70, 69, 57, 60, 54]),
    ("mouth_r", &[52]),
    ("mouth_l", &[61]),
    (
        "jaw_r_to_l",
        &[
            1, 9, 10, 11, 12, 13, 14, 15, 16, 2, 3, 4, 5, 6, 7, 8, 0, 24, 23, 22, 21, 20, 19, 18, 32, 31, 30,
            29, 28, 27, 26, 25, 17,
        ],
    ),
    ("chin", &[0]),
];

/// Source: insightface 2.1 `utils/face_align.py`; RetinaFace, MTCNN and OpenCV YuNet use the same order.
pub(super) static ARCFACE_5: Parts =
    &[("pupil_r", &[0]), ("pupil_l", &[1]), ("nose_tip", &[2]), ("mouth_r", &[3]), ("mouth_l", &[4])];

/// Source: davisking/dlib `image_transforms/interpolation.h`, get_face_chip_details (5 points).
pub(super) static DLIB_5: Parts =
    &[("eye_l_corners", &[0, 1]), ("eye_r_corners", &[2, 3]), ("nose_base", &[4])];

/// Source: mediapipe `python/solutions/face_detection.py`.
pub(super) static BLAZEFACE_6: Parts = &[
    ("pupil_r", &[0]),
    ("pupil_l", &[1]),
    ("nose_tip", &[2]),
    ("mouth_centre", &[3]),
    ("ear_r", &[4]),
    ("ear_l", &[5]),
];

/// Source: mean face of jhb86253817/PIPNet, verified on a drawing.
pub(super) static COFW_29: Parts = &[
    ("eye_r_corners", &[8, 10]),
    ("eye_l_corners", &[9, 11]),
    ("eye_r", &[8, 12, 10, 13]),
    ("eye_l", &[11, 14, 9, 15]),
    ("pupil_r", &[16]),
    ("pupil_l", &[17]),
    ("brow_r", &[0, 4, 2, 5]),
    ("brow_l", &[3, 6, 1, 7]),
    ("nose_outline", &[18, 20, 19, 21]),
    ("nose_tip", &[20]),
    ("lips_outer", &[22, 24, 23, 27]),
    ("lips_inner", &[22, 25, 23, 26]),
    ("mouth_r", &[22]),
    ("mouth_l", &[23]),
    ("chin", &[28]),
];

/// Source: mean face of jhb86253817/PIPNet, verified on a drawing.
pub(super) static AFLW_19: Parts = &[
    ("eye_r_corners", &[6, 8]),
    ("eye_l_corners", &[11, 9]),
    ("pupil_r", &[7]),
    ("pupil_l", &[10]),
    ("brow_r", &[0, 1, 2]),
    ("brow_l", &[3, 4, 5]),
    ("nose_outline", &[12, 13, 14]),
    ("nose_tip", &[13]),
    ("mouth_r", &[15]),
    ("mouth_l", &[17]),
    ("mouth_centre", &[16]),
    ("chin", &[18]),
];
