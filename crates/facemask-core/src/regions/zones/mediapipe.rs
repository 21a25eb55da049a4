//! Zone outlines through the 468 points of MediaPipe's face mesh, chosen by eye on photos.
//!
//! Outlines overlap on purpose. The outline with priority defines the border, and the other one continues below it.

use super::super::outline::{OutlineVertex, ZoneOutline, landmark, lerp};

/// Landmark `i` moved away from the tip of the nose: the skin label, not the mesh, bounds the jaw.
const fn outset(i: u16) -> OutlineVertex {
    landmark(i).offset(8, 4, i)
}

/// Landmark `i` moved up: the top of the mesh lies below the hairline.
const fn raise(i: u16) -> OutlineVertex {
    landmark(i).offset(50, 9, 10)
}

pub(super) const FOREHEAD: ZoneOutline = ZoneOutline::Half(&[
    raise(10),
    raise(109),
    raise(67),
    landmark(103).offset(40, 9, 10),
    landmark(54).offset(10, 9, 10),
    lerp(70, 46, 50).corner(),
    lerp(63, 53, 50),
    lerp(105, 52, 50),
    lerp(66, 65, 50),
    lerp(107, 55, 50),
    lerp(9, 8, 50),
]);

/// From corner to corner through the middle of the eye, which its own label covers, and back along the lower rim of the
/// orbit.
pub(super) const UNDER_EYE: ZoneOutline = ZoneOutline::Side(&[
    landmark(33).corner(),
    landmark(133).corner(),
    landmark(243).corner(),
    landmark(244),
    landmark(233),
    landmark(232),
    landmark(231),
    landmark(230),
    landmark(229),
    landmark(228),
    landmark(31),
    landmark(226).corner(),
]);

/// Around the nose and the mouth, down to the jaw. Zones with priority cover its inner side.
pub(super) const CHEEK: ZoneOutline = ZoneOutline::Side(&[
    landmark(226).corner(),
    landmark(143),
    landmark(127).corner(),
    landmark(234),
    landmark(93),
    landmark(132),
    landmark(58).offset(4, 4, 58),
    outset(172),
    outset(136),
    outset(150),
    outset(149),
    outset(176).corner(),
    landmark(194).corner(),
    landmark(61).corner(),
    landmark(165).corner(),
    landmark(98).corner(),
    landmark(45).corner(),
    landmark(51),
    landmark(3),
    landmark(196),
    landmark(122).corner(),
    landmark(133).corner(),
    landmark(33).corner(),
]);

/// Between the nasolabial folds, from the wings of the nose to the mouth.
pub(super) const UPPER_LIP_AREA: ZoneOutline = ZoneOutline::Half(&[
    landmark(1).corner(),
    landmark(98).corner(),
    landmark(129).corner(),
    landmark(203),
    landmark(206),
    landmark(216),
    landmark(57),
    landmark(61).corner(),
    landmark(81),
    landmark(13),
]);

/// From the corners of the mouth straight down to the jaw.
pub(super) const CHIN: ZoneOutline = ZoneOutline::Half(&[
    landmark(14),
    landmark(88),
    landmark(61).corner(),
    landmark(43),
    lerp(202, 204, 50),
    landmark(211),
    landmark(170),
    outset(149).corner(),
    outset(176),
    outset(148),
    outset(152),
]);

pub(super) const NOSE: ZoneOutline = ZoneOutline::Half(&[
    landmark(168),
    landmark(193),
    landmark(122),
    landmark(188),
    landmark(174),
    landmark(198),
    landmark(49),
    landmark(129),
    landmark(64),
    landmark(98),
    landmark(97),
    landmark(2),
]);

pub(super) const BROW: ZoneOutline = ZoneOutline::Side(&[
    landmark(70).corner(),
    landmark(63),
    landmark(105),
    landmark(66),
    landmark(107),
    landmark(55),
    landmark(65),
    landmark(52),
    landmark(53),
    landmark(46),
]);

pub(super) const EYE: ZoneOutline = ZoneOutline::Side(&[
    landmark(33).corner(),
    landmark(163),
    landmark(144),
    landmark(145),
    landmark(153),
    landmark(154),
    landmark(133).corner(),
    landmark(157),
    landmark(158),
    landmark(159),
    landmark(160),
    landmark(161),
]);

pub(super) const LIPS: ZoneOutline = ZoneOutline::Half(&[
    landmark(0),
    landmark(37),
    landmark(39),
    landmark(40),
    landmark(185),
    landmark(61).corner(),
    landmark(146),
    landmark(91),
    landmark(181),
    landmark(84),
    landmark(17),
]);

pub(super) const MOUTH_INNER: ZoneOutline = ZoneOutline::Half(&[
    landmark(13),
    landmark(82),
    landmark(81),
    landmark(80),
    landmark(191),
    landmark(78).corner(),
    landmark(95),
    landmark(88),
    landmark(178),
    landmark(87),
    landmark(14),
]);

/// Mirror pairs (right, left) of the landmarks above. Source: the canonical face model of MediaPipe.
static MIRROR_PAIRS: [(u16, u16); 91] = [
    (3, 248),
    (31, 261),
    (33, 263),
    (37, 267),
    (39, 269),
    (40, 270),
    (43, 273),
    (45, 275),
    (46, 276),
    (49, 279),
    (51, 281),
    (52, 282),
    (53, 283),
    (54, 284),
    (55, 285),
    (57, 287),
    (58, 288),
    (61, 291),
    (63, 293),
    (64, 294),
    (65, 295),
    (66, 296),
    (67, 297),
    (70, 300),
    (78, 308),
    (80, 310),
    (81, 311),
    (82, 312),
    (84, 314),
    (87, 317),
    (88, 318),
    (91, 321),
    (93, 323),
    (95, 324),
    (97, 326),
    (98, 327),
    (103, 332),
    (105, 334),
    (107, 336),
    (109, 338),
    (122, 351),
    (127, 356),
    (129, 358),
    (132, 361),
    (133, 362),
    (136, 365),
    (143, 372),
    (144, 373),
    (145, 374),
    (146, 375),
    (148, 377),
    (149, 378),
    (150, 379),
    (153, 380),
    (154, 381),
    (157, 384),
    (158, 385),
    (159, 386),
    (160, 387),
    (161, 388),
    (163, 390),
    (165, 391),
    (170, 395),
    (172, 397),
    (174, 399),
    (176, 400),
    (178, 402),
    (181, 405),
    (185, 409),
    (188, 412),
    (191, 415),
    (193, 417),
    (194, 418),
    (196, 419),
    (198, 420),
    (202, 422),
    (203, 423),
    (204, 424),
    (206, 426),
    (211, 431),
    (216, 436),
    (226, 446),
    (228, 448),
    (229, 449),
    (230, 450),
    (231, 451),
    (232, 452),
    (233, 453),
    (234, 454),
    (243, 463),
    (244, 464),
];

/// The corresponding landmark on the left side of the face; a landmark on the midline is its own mirror image.
pub(super) fn mirror_landmark(i: u16) -> u16 {
    MIRROR_PAIRS.iter().find(|(right, _)| *right == i).map_or(i, |&(_, left)| left)
}
