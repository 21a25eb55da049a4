"""The option `regions` as a list of names and groups: members are merged, and nothing else changes."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import facemask
import numpy as np
import pytest
import shapely
from facemask import FaceMask, FacemaskError, _core
from facemask.cli import main
from facemask.options.regions import parse_regions
from support import label_maps, sample
from support.sample import encode_png
from support.synthetic_face import Face

FACE = Face(angle=20)
WHOLE = ("size", "crop_from_image", "roll_degrees", "roll_from", "roll_confidence", "mirrored", "schemes")


def trace(labels: Any = None, landmarks: Any = None, **options: Any) -> FaceMask:
    labels = FACE.labels if labels is None else labels
    return facemask.trace_face(labels, FACE.landmarks if landmarks is None else landmarks, **options)


def geometry(contour: facemask.Contour) -> shapely.Geometry:
    polygons = [shapely.Polygon(outer, holes) for outer, *holes in contour.polygons()]
    return shapely.MultiPolygon(polygons)


def edges(contour: facemask.Contour) -> Counter[tuple[float, ...]]:
    """Directed edges, bit for bit."""
    pairs = [np.hstack([ring, np.roll(ring, -1, axis=0)]) for ring in contour.rings()]
    return Counter(tuple(edge) for edge in np.concatenate(pairs).tolist())


def curves(contour: facemask.Contour) -> set[tuple[float, ...]]:
    return {tuple(curve) for curve in contour.controls.reshape(-1, 8).tolist()}


def merged_edges(contours: list[facemask.Contour]) -> Counter[tuple[float, ...]]:
    """The edges of contours that no opposite one of another contour cancels."""
    total: Counter[tuple[float, ...]] = Counter()
    for contour in contours:
        total += edges(contour)
    opposite = Counter({(*edge[2:], *edge[:2]): count for edge, count in total.items()})
    return total - opposite


def check_merge(whole: FaceMask, selected: FaceMask) -> None:
    """Every selected region is the union of its members, on their own points."""
    for region in selected.regions:
        contour = selected.contours[region["id"]]
        members = [whole.contours[str(member)] for member in region["members"] if str(member) in whole.contours]
        own, union = geometry(contour), shapely.union_all([geometry(member) for member in members])
        assert own.is_valid
        assert own.symmetric_difference(union).area < 1e-6 * max(1.0, union.area)
        assert region["area"] == pytest.approx(own.area, abs=0.006)
        outer = [len(polygon) for polygon in contour.polygons()]
        assert (region["parts"], region["holes"]) == (len(outer), sum(outer) - len(outer))
        for ring in contour.rings():
            assert len({tuple(point) for point in ring.tolist()}) == len(ring), "a ring touches itself"
        # Where two members meet on the crop box, the merged region has no point.
        inner = {edge for edge in merged_edges(members) if not on_box(edge, whole.size)}
        assert {edge for edge in edges(contour) if not on_box(edge, whole.size)} == inner
        assert curves(contour) <= set().union(*map(curves, members))


def on_box(edge: tuple[float, ...], size: tuple[int, int]) -> bool:
    (ax, ay, bx, by), (width, height) = edge, size
    return (ax == bx and ax in (0.0, width)) or (ay == by and ay in (0.0, height))


@pytest.mark.parametrize("tolerance", [0.0, 0.5, 3.0])
@pytest.mark.parametrize("curve", ["smooth", "straight"])
@pytest.mark.parametrize("angle", [0.0, 20.0, 180.0])
def test_groups_are_the_unions_of_their_members(tolerance: float, curve: str, angle: float):
    face = Face(angle=angle, mirror="pixels")
    options: dict[str, Any] = {"tolerance": tolerance, "curve": curve}
    whole = trace(face.labels, face.landmarks, **options)
    selected = trace(face.labels, face.landmarks, regions=["face", "hair"], **options)
    assert [(region["id"], region["name"]) for region in selected.regions] == [(1, "face"), (10, "hair")]
    assert selected.regions[0]["members"] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert selected.regions[0]["holes"] == 0, "eyes, brows and mouth are no holes any more"
    check_merge(whole, selected)
    lips = trace(face.labels, face.landmarks, regions=["lips", "eyes"], **options)
    check_merge(whole, lips)
    assert [region["parts"] for region in lips.regions] == [2, 2], "the drawn lips do not touch"


def test_two_calls_fit_together():
    """The border between two selections, made by two calls, has one list of points."""
    face, rest = trace(regions=["face"]), trace(regions=["hair"])
    shared = edges(face.contours["face"]) & Counter({(*e[2:], *e[:2]): 1 for e in edges(rest.contours["hair"])})
    assert len(shared) > 50
    assert geometry(face.contours["face"]).intersection(geometry(rest.contours["hair"])).area < 1e-6
    whole = trace()
    assert edges(rest.contours["hair"]) == edges(whole.contours["hair"])
    assert curves(rest.contours["hair"]) == curves(whole.contours["hair"])


@pytest.mark.parametrize("crop", ["face", "head", "none"])
def test_nothing_else_changes(crop: str):
    labels = FACE.labels.copy()
    labels[5:9, 5:9] = 4  # a stray eye, which is cut from the crop of the face
    whole = trace(labels, crop=crop)
    for regions in (["nose"], ["lips", "eyes"], {"all": ["head"]}):
        selected = trace(labels, crop=crop, regions=regions)
        assert [getattr(selected, name) for name in WHOLE] == [getattr(whole, name) for name in WHOLE]
        assert selected.warnings == whole.warnings
    both = trace(labels, crop=crop, regions=["eye_r", "eye_l"])
    assert both.symmetry == [entry for entry in whole.symmetry if entry["pair"] == ["eye_r", "eye_l"]]
    assert [{**region, "members": None} for region in both.regions] == [
        {**region, "members": None} for region in whole.regions if region["name"] in ("eye_r", "eye_l")
    ]


def test_an_empty_crop_is_found_whatever_is_selected():
    points = FACE.landmarks / 4
    for regions in ("labels", ["nose"], ["hair"]):
        with pytest.raises(FacemaskError) as info:
            trace(landmarks=points, regions=regions)
        assert info.value.code == "crop_empty"


def noise_maps() -> dict[str, np.ndarray]:
    return {
        "checkerboard": 1 + label_maps.checkerboard(60, 56, 4),
        "crosses": label_maps.four_label_crosses(60, 5),
        "noise": label_maps.noise(48, 50, 6),
        "voronoi": label_maps.voronoi(64, 6),
        "specks": np.where(label_maps.noise(60, 60, 40) == 0, 3, 1).astype(np.uint8),
        "nested": np.minimum.reduce(np.indices((45, 45))).astype(np.uint8) // 4 % 5,
    }


@pytest.mark.parametrize("name", noise_maps())
@pytest.mark.parametrize(
    "options", [{"tolerance": 0}, {}, {"curve": "straight", "tolerance": 2}, {"min_area": 9}], ids=str
)
def test_maps_of_any_kind(name: str, options: dict[str, Any]):
    labels = noise_maps()[name]
    points = Face(size=labels.shape[::-1], scale=0.4).landmarks
    options = {"label_scheme": "custom", "crop": "none", **options}
    whole = facemask.trace_face(labels, points, **options)
    ids = [region["id"] for region in whole.regions]
    for groups in ({"a": ids}, {"a": ids[::2], "b": ids[1::2] or ids[:0]}, {"a": ids[:2]}, {"a": ids[1:] or ids}):
        regions = {key: members for key, members in groups.items() if members}
        selected = facemask.trace_face(labels, points, regions=regions, **options)
        check_merge(whole, selected)
        if regions == {"a": ids} and 0 not in labels:
            # Everything together is the picture, in one ring without an inner point.
            assert [len(polygon) for polygon in selected.contours["a"].polygons()] == [1]
            assert selected.regions[0]["area"] == labels.size


def test_exact_outlines_give_the_pixels_of_all_members_back():
    labels = label_maps.smoothed_noise(3, (50, 70))
    points = Face(size=labels.shape[::-1], scale=0.4).landmarks
    ids = sorted(set(np.unique(labels).tolist()) - {0})
    options: dict[str, Any] = {"label_scheme": "custom", "crop": "none", "tolerance": 0}
    mask = facemask.trace_face(labels, points, regions={"some": ids[::2]}, **options)
    assert mask.crop_from_image == (1, 0, 0, 0, 1, 0)
    (annotation,) = mask.to_coco(segmentation="rle")["annotations"]
    runs = annotation["segmentation"]["counts"]
    pixels = np.repeat(np.arange(len(runs)) % 2, runs).reshape(mask.size).T
    assert (pixels == np.isin(labels, ids[::2])).all()


def test_zones_are_selected_by_name():
    labels, points = sample.copy(0.0, "none").labels, sample.copy(0.0, "none").landmarks
    whole = facemask.trace_face(labels, points, regions="zones")
    selected = facemask.trace_face(labels, points, regions=["cheeks", "nose", "forehead"])
    assert [(region["id"], region["name"]) for region in selected.regions] == [
        (1, "forehead"),
        (5, "nose"),
        (8, "cheeks"),
    ]
    assert selected.regions[2]["members"] == [8, 9]
    check_merge(whole, selected)
    assert selected.warnings == whole.warnings
    named = facemask.trace_face(labels, points, regions=["Stirn", "chin"], label_names={1: "Stirn"})
    assert [region["name"] for region in named.regions] == ["Stirn", "chin"]
    joined = facemask.trace_face(labels, points, regions={"mid": ["cheeks", "nose", "upper_lip_area"]})
    check_merge(whole, joined)


@pytest.mark.parametrize(("scheme", "names"), _core.label_schemes().items())
def test_every_scheme_has_its_groups(scheme: str, names: list[str]):
    labels = stripes(names)
    options: dict[str, Any] = {"label_scheme": scheme, "crop": "none"}
    points = Face(size=labels.shape[::-1], scale=0.6).landmarks
    whole = facemask.trace_face(labels, points, **options)
    present = {region["name"] for region in whole.regions}
    for group, members in GROUPS.items():
        mask = facemask.trace_face(labels, points, regions=[group], **options)
        ids = sorted(names.index(member) for member in members & present)
        assert [region["members"] for region in mask.regions] == ([ids] if ids else [])
        assert [region["id"] for region in mask.regions] == ids[:1]
        codes = [warning["code"] for warning in mask.warnings]
        assert ("regions_missing" in codes) == (not ids)
        check_merge(whole, mask)
    for name in present:
        mask = facemask.trace_face(labels, points, regions=[name], **options)
        assert [region["name"] for region in mask.regions] == [name]


FEATURES = {"skin", "brow_r", "brow_l", "eye_r", "eye_l", "nose", "lip_upper", "mouth_inner", "lip_lower", "glasses"}
GROUPS = {
    "face": FEATURES,
    "head": FEATURES | {"hair", "hat", "ear_r", "ear_l", "earring"},
    "body": {"neck", "necklace", "cloth", "skin_body"},
    "eyes": {"eye_r", "eye_l"},
    "brows": {"brow_r", "brow_l"},
    "ears": {"ear_r", "ear_l"},
    "lips": {"lip_upper", "lip_lower"},
    "mouth": {"lip_upper", "mouth_inner", "lip_lower"},
}


def stripes(names: list[str]) -> np.ndarray:
    """Every label of a scheme in a rectangle of its own, on skin, with borders between some of them."""
    labels = np.full((90, 84), names.index("skin"), np.uint8)
    for index in range(1, len(names)):
        row, column = divmod(index - 1, 5)
        labels[10 + 15 * row : 25 + 15 * row, 5 + 15 * column : 17 + 15 * column] = index
    return labels


def test_the_contract_lists_the_groups():
    text = (Path(__file__).parents[1] / "docs" / "contract.md").read_text(encoding="utf-8")
    rows = {
        line.split("`")[1]: line.split("|")[3] for line in text.splitlines() if re.match(r"\| `\w+` \| labels", line)
    }

    def expand(name: str) -> set[str]:
        listed = re.findall(r"`(\w+)`", rows.get(name, ""))
        return set().union(*map(expand, listed)) if listed else {name}

    for group, members in GROUPS.items():
        assert expand(group) == members


def test_names_ids_and_groups():
    assert [region["id"] for region in trace(regions=[6, "eye_r", "lips"]).regions] == [4, 6, 7]
    assert trace(regions=(np.int64(6),)).svg == trace(regions=["nose"]).svg == trace(regions={"6"}).svg
    assert trace(regions=["snout"], label_names={6: "snout"}).regions[0]["name"] == "snout"
    assert trace(regions=["nose"], label_names={6: "snout"}).regions[0]["name"] == "snout"
    brows = trace(regions=["brow"], label_names={2: "brow", 3: "brow"}).regions
    assert [(region["id"], region["name"], region["parts"]) for region in brows] == [(2, "brow", 2)]
    own = trace(regions={"upper face": ["brows", "eyes"], "snout": "nose", "10": 10})
    assert [region["name"] for region in own.regions] == ["upper face", "snout", "10"]
    assert own.contours["snout"] is not None
    drawn = trace(regions={"snout": ["nose"]}, colors={"snout": "#123456"})
    assert 'data-name="snout" fill="#123456"' in drawn.svg
    assert 'id="region-6"' in drawn.svg
    assert drawn.to_yolo().startswith("5 ")


def test_what_is_missing_is_left_out_with_a_reason():
    labels = np.where(FACE.labels == 8, 1, FACE.labels)
    labels[:6, :6] = 3
    labels[FACE.labels == 3] = 1
    mask = trace(labels, regions=["ears", "mouth_inner", "hat", "brow_l", "nose"], label_scheme="lapa-11")
    assert [region["name"] for region in mask.regions] == ["nose"]
    (warning,) = [warning for warning in mask.warnings if warning["code"] == "regions_missing"]
    for text in (
        "mouth_inner (the label map shows none)",
        "brow_l (none of it is inside the crop)",
        "ears (lapa-11 has no label for it)",
        "hat (lapa-11 has no label for it)",
    ):
        assert text in warning["detail"]
    empty = trace(regions=["hat"])
    assert (empty.regions, empty.mask_contours) == ([], {})
    assert empty.svg.startswith("<svg")


WRONG: list[tuple[Any, str, str]] = [
    ("lips", "regions", 'names go in a list, such as ["lips", "eye_r"]'),
    ("Labels", "regions", "labels or zones"),
    (["lip"], "regions", "there are skin, brow_r"),
    ([], "regions", "1 to 256"),
    ({}, "regions", "1 to 256"),
    ({"a": []}, "regions.a", "1 to 256"),
    (["nose", "face"], "regions", "cannot overlap"),
    (["nose", "nose"], "regions", "cannot overlap"),
    (["forehead", "hair"], "regions", "once for each"),
    ([0], "regions", "ids 1 to 255"),
    ([10**30], "regions", "ids 1 to 255"),
    (["background"], "regions", "ids 1 to 255"),
    ([True], "regions[0]", "a name or an id"),
    ([["nose"]], "regions[0]", "a name or an id"),
    ({"a": [None]}, "regions.a[0]", "a name or an id"),
    ({"a": 1.5}, "regions.a", "a list of names"),
    ([""], "regions", "1 to 100 characters"),
    (["x" * 101], "regions", "1 to 100 characters"),
    ({"x" * 101: ["nose"]}, "regions", "1 to 100 characters"),
    (["nose"] * 257, "regions", "1 to 256"),
    (["zones"], "regions", "the whole value of the option"),
    (["nose", "labels"], "regions", "the whole value of the option"),
    (None, "regions", "a list of names"),
    (6, "regions", "a list of names"),
    (["\ud800"], "regions[0]", "halves"),
]


@pytest.mark.parametrize(("regions", "field", "words"), WRONG, ids=lambda value: str(value)[:30])
def test_wrong_selections_are_told(regions: Any, field: str, words: str):
    with pytest.raises(FacemaskError) as info:
        trace(regions=regions)
    assert (info.value.code, info.value.field) == ("option_invalid", field)
    assert words in info.value.detail
    assert len(info.value.detail) < 600


def test_names_need_a_known_scheme():
    labels = np.where(FACE.labels > 0, FACE.labels + 100, 0).astype(np.uint8)
    for regions in (["nose"], ["lips"]):
        with pytest.raises(FacemaskError, match="label_scheme"):
            trace(labels, regions=regions, label_scheme="custom")
    assert [region["id"] for region in trace(labels, regions=[106], label_scheme="custom").regions] == [106]
    names = {106: "nose", 107: "lip", 109: "lip"}
    mask = trace(labels, regions=["nose", "lip"], label_scheme="custom", label_names=names)
    assert [(region["name"], region["members"]) for region in mask.regions] == [("nose", [106]), ("lip", [107, 109])]


def test_names_of_masks_may_be_those_of_zones():
    masks = {"forehead": FACE.labels == 1, "hair": FACE.labels == 10, "nose": FACE.labels == 6}
    mask = trace(masks, regions=["forehead", "hair"])
    assert {region["name"] for region in mask.regions} == {"forehead", "hair"}


def test_confidence_of_merged_scores_is_the_mean_over_all_pixels():
    scores = np.zeros((11, *FACE.labels.shape), np.float32)
    rng = np.random.default_rng(0)
    top = rng.uniform(0.6, 0.9, FACE.labels.shape).astype(np.float32)
    np.put_along_axis(scores, FACE.labels[None].astype(np.int64), top[None], axis=0)
    np.put_along_axis(scores, (FACE.labels[None].astype(np.int64) + 1) % 11, 1 - top[None], axis=0)
    mask = trace(scores, regions=["lips", "nose"])
    expected = [top[FACE.labels == 6].mean(), top[np.isin(FACE.labels, (7, 9))].mean()]
    assert [region["confidence"] for region in mask.regions] == pytest.approx(expected, abs=2e-4)


def test_the_command_line_takes_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "photo.png").write_bytes(encode_png(FACE.photo))
    (tmp_path / "map.png").write_bytes(encode_png(FACE.labels))
    (tmp_path / "points.json").write_text(json.dumps(FACE.landmarks.tolist()))
    files = [str(tmp_path / name) for name in ("photo.png", "map.png", "points.json")]
    for flags, regions in [
        (["--regions", "lips,eye_r"], ["lips", "eye_r"]),
        (["--regions", "lips", "--regions", "eye_r"], ["lips", "eye_r"]),
        (["--regions", "6"], ["6"]),
        (["--regions", "m=lips+nose,hair"], {"m": ["lips", "nose"], "hair": ["hair"]}),
    ]:
        assert main(["trace", *flags, *files]) == 0
        assert capsys.readouterr().out.strip() == trace(regions=regions).svg
    assert main(["trace", *files, "--regions", "lip"]) == 1
    assert 'facemask: regions: no label is called "lip"' in capsys.readouterr().err
    assert main(["trace", *files, "--regions", "ears,nose"]) == 0
    assert "warning: selected and not in the result: ears" in capsys.readouterr().err
    with pytest.raises(FacemaskError, match="given twice"):
        parse_regions(["a=nose,a=hair"])
