//! Outlines of the zones through the 468 points of MediaPipe's face mesh, found by looking at them on pictures.
//!
//! Outlines overlap on purpose: the one with priority gives the border, the other one goes on under it.

use super::outline::{Outline, Vertex, mix, on};

/// Outwards from the tip of the nose: the skin label, not the mesh, says where the jaw ends.
const fn out(i: u16) -> Vertex {
    on(i).moved(8, 4, i)
}

/// Up from the top of the mesh, which lies below the hairline.
const fn up(i: u16) -> Vertex {
    on(i).moved(50, 9, 10)
}

pub(super) const FOREHEAD: Outline = Outline::Half(&[
    up(10),
    up(109),
    up(67),
    on(103).moved(40, 9, 10),
    on(54).moved(10, 9, 10),
    mix(70, 46, 50).corner(),
    mix(63, 53, 50),
    mix(105, 52, 50),
    mix(66, 65, 50),
    mix(107, 55, 50),
    mix(9, 8, 50),
]);

/// From corner to corner through the middle of the eye, which its label cuts out, and back along the lower rim of the orbit.
pub(super) const UNDER_EYE: Outline = Outline::Side(&[
    on(33).corner(),
    on(133).corner(),
    on(243).corner(),
    on(244),
    on(233),
    on(232),
    on(231),
    on(230),
    on(229),
    on(228),
    on(31),
    on(226).corner(),
]);

/// Around the nose and the mouth, down to the jaw; the zones with priority lie over its inner side.
pub(super) const CHEEK: Outline = Outline::Side(&[
    on(226).corner(),
    on(143),
    on(127).corner(),
    on(234),
    on(93),
    on(132),
    on(58).moved(4, 4, 58),
    out(172),
    out(136),
    out(150),
    out(149),
    out(176).corner(),
    on(194).corner(),
    on(61).corner(),
    on(165).corner(),
    on(98).corner(),
    on(45).corner(),
    on(51),
    on(3),
    on(196),
    on(122).corner(),
    on(133).corner(),
    on(33).corner(),
]);

/// The nasolabial folds left and right, the wings of the nose above, the mouth below.
pub(super) const UPPER_LIP_AREA: Outline = Outline::Half(&[
    on(1).corner(),
    on(98).corner(),
    on(129).corner(),
    on(203),
    on(206),
    on(216),
    on(57),
    on(61).corner(),
    on(81),
    on(13),
]);

/// From the corners of the mouth straight down to the jaw.
pub(super) const CHIN: Outline = Outline::Half(&[
    on(14),
    on(88),
    on(61).corner(),
    on(43),
    mix(202, 204, 50),
    on(211),
    on(170),
    out(149).corner(),
    out(176),
    out(148),
    out(152),
]);

pub(super) const NOSE: Outline = Outline::Half(&[
    on(168),
    on(193),
    on(122),
    on(188),
    on(174),
    on(198),
    on(49),
    on(129),
    on(64),
    on(98),
    on(97),
    on(2),
]);

pub(super) const BROW: Outline = Outline::Side(&[
    on(70).corner(),
    on(63),
    on(105),
    on(66),
    on(107),
    on(55),
    on(65),
    on(52),
    on(53),
    on(46),
]);

pub(super) const EYE: Outline = Outline::Side(&[
    on(33).corner(),
    on(163),
    on(144),
    on(145),
    on(153),
    on(154),
    on(133).corner(),
    on(157),
    on(158),
    on(159),
    on(160),
    on(161),
]);

pub(super) const LIPS: Outline = Outline::Half(&[
    on(0),
    on(37),
    on(39),
    on(40),
    on(185),
    on(61).corner(),
    on(146),
    on(91),
    on(181),
    on(84),
    on(17),
]);

pub(super) const MOUTH_INNER: Outline = Outline::Half(&[
    on(13),
    on(82),
    on(81),
    on(80),
    on(191),
    on(78).corner(),
    on(95),
    on(88),
    on(178),
    on(87),
    on(14),
]);

/// The pairs of the landmarks used here: right, left.
static PAIRS: [(u16, u16); 91] = [
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

/// The landmark on the other side of the face; those on the middle line stay.
pub(super) fn mirror(i: u16) -> u16 {
    PAIRS.iter().find(|(right, _)| *right == i).map_or(i, |&(_, left)| left)
}
