"""`trace_face`, `find_contours` and the decoders: options, results, and errors with code, field and text."""

# ruff: noqa: E501 - a table with an error on each line

import base64
import json
import pickle
import re
import xml.etree.ElementTree as ET
from io import BytesIO
from typing import Any

import cv2
import facemask
import numpy as np
import pytest
from figures import svg_segments
from PIL import Image
from shapely import Polygon
from support import sample
from support.paths import MAP_FILE, PHOTO_FILE
from support.synthetic_face import Face, to_crop_frame

FACE = Face(angle=20, scale=1.0, size=(150, 160))
LABELS, POINTS = FACE.labels, FACE.landmarks
SVG = "{http://www.w3.org/2000/svg}"


def trace(**options: Any) -> facemask.FaceMask:
    return facemask.trace_face(LABELS, POINTS, **options)


def paths(mask: facemask.FaceMask) -> list[ET.Element]:
    return [path for path in ET.fromstring(mask.svg).iter(f"{SVG}path") if path.attrib.get("class") == "region"]


def test_an_answer_says_everything_in_plain_data():
    mask = trace()
    answer = mask.to_dict()
    assert json.loads(json.dumps(answer)) == answer
    assert set(answer) == {
        "svg", "mask_contours", "regions", "colors", "frame", "size", "connectivity", "symmetry",
        "crop_from_image", "roll_degrees", "roll_from", "roll_confidence", "mirrored", "schemes",
        "native_resolution", "warnings",
    }  # fmt: skip
    assert mask.svg == answer["svg"]
    assert repr(mask) == f"FaceMask({mask.size[0]} x {mask.size[1]}, 10 regions, roll 20.00 degrees)"
    assert repr(mask.contours["6"]) == f"Contour(1 rings, {len(mask.contours['6'].points)} points)"
    assert answer["schemes"]["landmarks"] == "arcface-5"
    assert 0.9 < answer["schemes"]["landmarks_confidence"] <= 1
    assert (answer["roll_from"], answer["roll_confidence"]) == ("landmarks", 1.0)


def test_regions_say_what_their_contours_are():
    mask = trace(crop="none")
    for region in mask.regions:
        contour = mask.contours[str(region["id"])]
        points = contour.points
        assert region["area"] == pytest.approx(contour.area, abs=0.006)
        assert region["bbox"] == pytest.approx([*points.min(axis=0), *points.max(axis=0)], abs=0.006)
        assert region["parts"] == len(contour.polygons())
        assert region["holes"] == sum(len(part) - 1 for part in contour.polygons())
        assert is_inside(region["label_point"], contour), region["name"]
    skin = next(region for region in mask.regions if region["name"] == "skin")
    assert skin["holes"] >= 5


def is_inside(point: list[float], contour: facemask.Contour) -> bool:
    x, y = point
    crossings = 0
    for ring in contour.rings():
        for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            crossings += (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0)
    return crossings % 2 == 1


def test_the_wire_form_is_the_contours_with_two_decimals():
    mask = trace()
    for key, rings in mask.mask_contours.items():
        for wire, ring in zip(rings, mask.contours[key].rings(), strict=True):
            assert np.array(wire) == pytest.approx(ring, abs=0.0051)


def test_the_document_has_a_path_with_title_and_data_for_each_region():
    mask = trace()
    root = ET.fromstring(mask.svg)
    width, height = mask.size
    assert root.attrib["viewBox"] == f"0 0 {width} {height}"
    assert (root.attrib["width"], root.attrib["height"]) == (str(width), str(height))
    assert root.attrib["role"] == "img"
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.attrib["id"] == root.attrib["aria-labelledby"]
    assert [path.attrib["id"] for path in paths(mask)] == [f"region-{r['id']}" for r in mask.regions]
    for path, region in zip(paths(mask), mask.regions, strict=True):
        assert path.attrib["class"] == "region"
        assert path.attrib["data-region"] == str(region["id"])
        assert path.attrib["data-name"] == region["name"]
        assert path.attrib["fill-rule"] == "evenodd"
        assert path.findtext(f"{SVG}title") == region["name"]


def test_path_data_draws_the_wire_form():
    for path in paths(trace(crop="none", curve="straight", tolerance=2)):
        rings = []
        for command, numbers in re.findall(r"([Mlhvz])([^Mlhvz]*)", path.attrib["d"]):
            values = [float(n) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", numbers)]
            if command == "M":
                rings.append([values[:2]])
                values = values[2:]
                assert not values
            steps = {"l": zip(values[::2], values[1::2]), "h": ((v, 0) for v in values), "v": ((0, v) for v in values)}  # noqa: B905
            for dx, dy in steps.get(command, ()):
                rings[-1].append([round(rings[-1][-1][0] + dx, 2), round(rings[-1][-1][1] + dy, 2)])
        assert rings == trace(crop="none", curve="straight", tolerance=2).mask_contours[path.attrib["data-region"]]


@pytest.mark.parametrize("angle", [0, 20, 180])
@pytest.mark.parametrize("size", [(150, 160), (300, 320)])
def test_an_exact_drawing_shows_the_wire_form_once_it_is_turned(angle: float, size: tuple[int, int]):
    face = Face(angle=angle, scale=1.0, size=(150, 160))
    points = face.landmarks * [size[0] / 150, size[1] / 160]
    mask = facemask.trace_face(face.labels, points, image_size=size, tolerance=0)
    group = ET.fromstring(mask.svg).find(f"{SVG}g")
    assert group is not None
    assert {path.attrib["class"] for path in group.iter(f"{SVG}path") if "class" in path.attrib} == {"region"}
    a, b, c, d, e, f = (float(n) for n in group.attrib["transform"].removeprefix("matrix(").rstrip(")").split(","))
    for key, rings in mask.mask_contours.items():
        drawn = [
            Polygon([(a * x + c * y + e, b * x + d * y + f) for x, y in (segment[0] for segment in ring)])
            for ring in svg_segments.parse_segments(mask.svg, key)
        ]
        assert len(drawn) == len(rings)
        for told, shown in zip(map(Polygon, rings), drawn, strict=True):
            assert shown.symmetric_difference(told).area < 0.01 * told.length
            assert len(shown.exterior.coords) < len(told.exterior.coords)
    if angle == 20:  # in the crop frame no step would be level
        nearly = facemask.trace_face(face.labels, points, image_size=size, tolerance=1e-9)
        assert len(mask.svg) < 0.7 * len(nearly.svg)


def test_an_exact_drawing_of_a_small_map_stays_in_the_crop_frame():
    """Hundredths of a large pixel would show where the crop box cuts."""
    mask = facemask.trace_face(LABELS, POINTS * 3, image_size=(450, 480), tolerance=0)
    assert "transform" not in mask.svg
    for path in paths(mask):
        told = mask.mask_contours[path.attrib["data-region"]]
        drawn = [
            [list(segment[0]) for segment in ring]
            for ring in svg_segments.parse_segments(mask.svg, path.attrib["data-region"])
        ]
        assert drawn == told


def test_a_contour_of_any_map_gives_its_path():
    labels = np.zeros((6, 7), np.uint8)
    labels[1:5, 1:6], labels[2:4, 3] = 1, 0
    straight = facemask.find_contours(labels, curve="straight")[1]
    expected = "M1.5 1h1 1 1 1l.5.5v1 1 1l-.5.5h-1-1-1-1l-.5-.5v-1-1-1zM3.5 2l-.5.5v1l.5.5.5-.5v-1z"
    assert straight.path_data() == expected
    y, x = np.ogrid[:40, :40]
    disc = ((x - 20) ** 2 + (y - 19) ** 2 < 200).astype(np.uint8)
    smooth = facemask.find_contours(disc, tolerance=0.5, curve="smooth")[1]
    assert len(smooth.curves) > 0
    assert re.search("[cs]", smooth.path_data())


def test_a_path_is_of_arrays_that_fit():
    def contour(offsets, curves, controls):
        return facemask.Contour(np.zeros((3, 2)), offsets, np.array(curves, np.uint32).reshape(-1, 2), controls)

    rings, none = np.array([0, 3], np.uint32), np.zeros((0, 4, 2))
    with pytest.raises(facemask.FacemaskError, match="rise from 0 to the number of points, 3"):
        contour(np.array([0, 2, 1], np.uint32), [], none).path_data()
    with pytest.raises(facemask.FacemaskError, match="uint32"):
        contour(np.array([0, 3]), [], none).path_data()
    for curves in ([[0, 4]], [[0, 0]], [[3, 1]], [[1, 2], [0, 1]], [[0, 2], [0, 3]], [[0, 2**32 - 1]]):
        with pytest.raises(facemask.FacemaskError, match="along the rings"):
            contour(rings, curves, np.zeros((len(curves), 4, 2))).path_data()
    with pytest.raises(facemask.FacemaskError, match="four control points each"):
        contour(rings, [[0, 2]], none).path_data()


def test_the_same_input_gives_the_same_bytes():
    assert trace(image=FACE.photo, embed_image="crop").svg == trace(image=FACE.photo, embed_image="crop").svg


# Options, one by one.


def test_crop_none_shows_the_whole_turned_picture():
    mask = trace(crop="none")
    turn = np.radians(20)
    width, height = FACE.size
    expected = (
        width * np.cos(turn) + height * np.sin(turn),
        width * np.sin(turn) + height * np.cos(turn),
    )
    assert mask.size == tuple(int(np.ceil(side)) for side in expected)
    corners = to_crop_frame(np.array([[0, 0], [width, 0], [0, height], [width, height]], float), mask.crop_from_image)
    assert corners.min() > -0.51
    assert (corners.max(axis=0) < np.array(mask.size) + 0.51).all()


def test_crop_head_is_the_box_of_everything_labelled_and_5_percent():
    whole, head = trace(crop="none", tolerance=0), trace(crop="head", tolerance=0)
    points = np.concatenate([contour.points for contour in whole.contours.values()])
    low, high = points.min(axis=0), points.max(axis=0)
    expected = np.minimum(high + 0.05 * (high - low), whole.size) - np.maximum(low - 0.05 * (high - low), 0)
    assert np.abs(np.array(head.size) - expected).max() <= 2


def test_crop_face_is_the_box_of_the_landmarks_and_its_margins():
    mask = facemask.trace_face(sample.LABELS, sample.LANDMARKS)
    points = to_crop_frame(sample.LANDMARKS, mask.crop_from_image)
    low, high = points.min(axis=0), points.max(axis=0)
    w, h = high - low
    assert low == pytest.approx([0.2 * w, 0.4 * h], abs=1)
    assert np.array(mask.size) - high == pytest.approx([0.2 * w, 0.15 * h], abs=1)


def test_label_names_go_before_those_of_the_scheme():
    mask = trace(label_names={6: "Nase", "1": "Haut", np.uint8(10): "Haar"})
    names = {region["id"]: region["name"] for region in mask.regions}
    assert (names[6], names[1], names[10], names[2]) == ("Nase", "Haut", "Haar", "brow_r")


def test_a_custom_label_scheme_has_the_given_names_only():
    mask = trace(label_scheme="custom", label_names={6: "nose"})
    assert [region["name"] for region in mask.regions] == ["1", "2", "3", "4", "5", "nose", "7", "8", "9", "10"]
    assert mask.schemes["labels"] is None


def test_an_unknown_map_still_works_and_its_regions_are_numbered():
    labels = np.where(LABELS, LABELS + 100, 0).astype(np.uint8)
    mask = facemask.trace_face(labels, POINTS)
    assert mask.schemes["labels"] is None
    assert [region["name"] for region in mask.regions] == [str(n) for n in range(101, 111)]


def test_a_label_scheme_by_name_is_taken_as_it_is():
    mask = trace(label_scheme="celebamask-hq-19")
    assert mask.schemes["labels"] == "celebamask-hq-19"
    assert mask.schemes["labels_confidence"] == 1
    assert {r["id"]: r["name"] for r in mask.regions}[2] == "nose"


def test_colours_by_id_and_by_name_are_written_as_hex():
    fills = {p.attrib["data-name"]: p.attrib["fill"] for p in paths(trace(colors={6: "RED", "skin": "rgb(1, 2, 3)"}))}
    assert (fills["nose"], fills["skin"]) == ("#ff0000", "#010203")
    assert len(set(fills.values())) == 10, "all others differ"


def test_styles_are_told_apart_by_their_attributes():
    regions, borders = {}, {}
    for style in ("default", "outline", "solid", "numbered", "cut"):
        root = ET.fromstring(trace(style=style).svg)
        groups = {group.get("class"): group for group in root.iter(f"{SVG}g")}
        regions[style], borders[style] = groups.get("regions"), groups.get("borders")
        texts = [text.text for text in root.iter(f"{SVG}text")]
        assert texts == ([str(n) for n in range(1, 11)] if style == "numbered" else [])
    assert regions["default"].get("opacity") == regions["numbered"].get("opacity") == ".4"
    dark, dashes = borders["default"]
    assert (dark.get("stroke"), dashes.get("stroke")) == ("#333", "#fff")
    assert "stroke-dasharray" in dashes.attrib
    assert regions["outline"].get("fill") == borders["outline"].get("fill") == "none"
    assert "opacity" not in regions["solid"].attrib
    assert borders["solid"] is None
    assert regions["cut"] is None
    assert (borders["cut"].get("fill"), borders["cut"].get("stroke")) == ("none", "#f00")


def test_tolerance_0_keeps_every_vertex_and_more_keeps_fewer():
    counts = [sum(len(c.points) for c in trace(tolerance=t).contours.values()) for t in (0, 0.5, np.float32(3))]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 2 * counts[1]


def test_min_area_is_in_pixels_of_the_photo():
    labels = LABELS.copy()
    labels[2:4, 2:5] = 10
    size = (300, 320)

    def parts(**options: Any) -> int:
        mask = facemask.trace_face(labels, POINTS * 2, image_size=size, crop="none", **options)
        return next(region["parts"] for region in mask.regions if region["id"] == 10)

    # Six pixels of the map are 24 of the photo.
    assert [parts(min_area=area) for area in (0, 24, 24.1)] == [2, 2, 1]


def test_a_photo_in_any_form_gives_the_size_and_the_embedded_crop():
    stream = BytesIO()
    Image.fromarray(FACE.photo).save(stream, "PNG")
    data = stream.getvalue()
    documents = [
        trace(image=image, embed_image="crop").svg
        for image in (FACE.photo, data, bytearray(data), memoryview(data), np.asfortranarray(FACE.photo))
    ]
    assert len(set(documents)) == 1
    assert '<image width="' in documents[0]
    assert 'href="data:image/jpeg;base64,' in documents[0]
    assert trace(image=FACE.photo).svg == trace().svg
    half = facemask.trace_face(LABELS[::2, ::2], POINTS, image=FACE.photo)
    assert half.size == trace().size


def test_the_embedded_crop_shows_the_photo_under_the_regions():
    """The upright crop has, at the middle of each region, the colour that OpenCV finds there and keeps in a JPEG."""
    mask = trace(image=FACE.photo, embed_image="crop")
    data = base64.b64decode(re.search(r'base64,([^"]+)', mask.svg)[1])
    shown = np.asarray(Image.open(BytesIO(data)).convert("RGB")).astype(int)
    assert shown.shape[1::-1] == mask.size
    a, b, c, d, e, f = mask.crop_from_image
    # OpenCV counts from the centre of the first pixel.
    matrix = np.array([[a, b, c + (a + b - 1) / 2], [d, e, f + (d + e - 1) / 2]])
    turned = cv2.warpAffine(FACE.photo, matrix, mask.size, flags=cv2.INTER_LINEAR, borderValue=(255, 255, 255))
    _, file = cv2.imencode(".jpg", turned[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
    expected = cv2.imdecode(file, cv2.IMREAD_COLOR)[:, :, ::-1].astype(int)
    for region in mask.regions:
        if region["area"] > 100:
            x, y = region["label_point"]
            source = np.linalg.solve([[a, b], [d, e]], [x - c, y - f])
            assert turned[int(y), int(x)] == pytest.approx(
                FACE.photo[int(source[1]), int(source[0])].astype(int), abs=14
            )
            assert shown[int(y), int(x)] == pytest.approx(expected[int(y), int(x)], abs=3), region["name"]
    assert np.abs(shown - expected).mean() < 1.5


def test_landmarks_as_ratios_are_found_out_or_named():
    ratios = POINTS / FACE.size
    expected = trace().svg
    for units in ("auto", "normalized"):
        assert facemask.trace_face(LABELS, ratios, landmark_units=units).svg == expected
    assert trace(landmark_units="pixel").svg == expected
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.trace_face(LABELS, POINTS * 1e4, landmark_units="normalized")
    assert caught.value.code == "landmarks_invalid"


def test_landmarks_that_do_not_fit_the_map_are_told():
    mask = facemask.trace_face(LABELS, Face(angle=60, scale=1.0, size=FACE.size).landmarks)
    (warning,) = mask.warnings
    assert warning["code"] == "landmarks_do_not_match_map"
    assert "turned 40." in warning["detail"]


def test_a_region_outside_the_crop_is_left_out():
    labels = np.pad(LABELS, ((0, 0), (0, 150)))
    labels[:, -5:] = 10
    labels[labels == 2] = 0
    mask = facemask.trace_face(labels, POINTS)
    assert "2" not in mask.contours
    assert list(mask.contours) == [str(region["id"]) for region in mask.regions]


def test_an_empty_map_with_landmarks_is_an_empty_drawing():
    mask = facemask.trace_face(np.zeros_like(LABELS), POINTS)
    assert mask.regions == []
    assert mask.contours == {}
    assert paths(mask) == []
    ((code, detail),) = [(warning["code"], warning["detail"]) for warning in mask.warnings]
    assert code == "map_empty"
    assert detail.startswith("the label map has no region: all of its pixels are background")


def test_a_document_without_an_area_is_an_empty_map_too():
    size = {"images": [{"id": 1, "width": 150, "height": 160}]}
    for labels in (
        {"annotations": [], **size},
        {"shapes": [], "imageWidth": 150, "imageHeight": 160},
        [np.zeros((160, 150), bool)],
        np.full((160, 150), 9, np.uint8),
    ):
        mask = facemask.trace_face(labels, POINTS, image_size=(150, 160), void=9)
        assert [warning["code"] for warning in mask.warnings] == ["map_empty"]
        assert mask.regions == []


# Errors: code, field and words.

NO_FACE = np.zeros((20, 20), np.uint8)
PNG = b"\x89PNG\r\n\x1a\n"
ERRORS = {
    "a scheme nobody knows": (lambda: trace(landmark_scheme="dlib"), "option_invalid", "landmark_scheme", "known are auto, "),
    "a label scheme nobody knows": (lambda: trace(label_scheme="x"), "option_invalid", "label_scheme", "auto, custom, "),
    "units nobody knows": (lambda: trace(landmark_units="px"), "option_invalid", "landmark_units", "auto or pixel or"),
    "a crop nobody knows": (lambda: trace(crop="nose"), "option_invalid", "crop", 'face or head or none or ffhq or arcface, got "nose"'),
    "a style nobody knows": (lambda: trace(style=""), "option_invalid", "style", "default or outline or solid"),
    "a curve nobody knows": (lambda: trace(curve="wavy"), "option_invalid", "curve", "straight"),
    "regions nobody knows": (lambda: trace(regions="all"), "option_invalid", "regions", "labels"),
    "an embedding nobody knows": (lambda: trace(embed_image="yes"), "option_invalid", "embed_image", "none or crop"),
    "a style that is no text": (lambda: trace(style=1), "option_invalid", "style", "must be text, got 1"),
    "a negative tolerance": (lambda: trace(tolerance=-0.1), "option_invalid", "tolerance", "from 0 to 1000000, got -0.1"),
    "no number": (lambda: trace(tolerance=float("nan")), "option_invalid", "tolerance", "got NaN"),
    "a number as text": (lambda: trace(tolerance="1"), "option_invalid", "tolerance", "must be a number, got '1'"),
    "an infinite area": (lambda: trace(min_area=float("inf")), "option_invalid", "min_area", "got inf"),
    "a name for id 256": (lambda: trace(label_names={256: "a"}), "option_invalid", "label_names", '0 to 255, got "256"'),
    "an empty name": (lambda: trace(label_names={1: ""}), "option_invalid", "label_names", "1 to 100 characters"),
    "a name that is no text": (lambda: trace(label_names={1: 2}), "option_invalid", "label_names", "must be text, got 2"),
    "a list of names": (lambda: trace(label_names=["a"]), "option_invalid", "label_names", "a mapping of regions"),
    "a colour that is none": (lambda: trace(colors={1: "reddish"}), "option_invalid", "colors", '"reddish"'),
    "a translucent colour": (lambda: trace(colors={1: "#ff000080"}), "option_invalid", "colors", "an opaque colour"),
    "no photo to embed": (lambda: trace(embed_image="crop"), "option_invalid", "image", "is needed to embed it"),
    "another size than the photo's": (
        lambda: trace(image=FACE.photo, image_size=(1, 2)), "option_invalid", "image_size", "(1, 2)",
    ),
    "an image size of nothing": (lambda: trace(image_size=(0, 5)), "option_invalid", "image_size", "from 1 to 1000000"),
    "an image size that is no pair": (lambda: trace(image_size=5), "option_invalid", "image_size", "got 5"),
    "a photo turned on its side": (
        lambda: facemask.trace_face(LABELS, POINTS, image_size=(160, 150)),
        "map_aspect_mismatch", "labels", "150 x 160 pixels does not fit a photo of 160 x 150",
    ),
    "a photo of floats": (
        lambda: trace(image=FACE.photo / 255), "image_unsupported", "image", "got an array of float64 with shape",
    ),
    "a grey photo": (lambda: trace(image=LABELS), "image_unsupported", "image", "(height, width, 3)"),
    "a path for a photo": (lambda: trace(image="a.jpg"), "image_unsupported", "image", "got 'a.jpg'"),
    "floats for labels": (
        lambda: facemask.find_contours(LABELS / 2), "map_invalid", "labels", "uint8 array of shape (height, width), got 0.5",
    ),
    "a stack of maps": (
        lambda: facemask.find_contours(LABELS[None, None].repeat(2, 0)), "map_invalid", "labels", "one picture, got 2",
    ),
    "an empty map": (lambda: facemask.find_contours(LABELS[:0]), "map_invalid", "labels", "is empty (150 x 0 pixels)"),
    "ids above 255": (
        lambda: facemask.trace_face(LABELS.astype(int) + 250), "map_invalid", "labels", "from 0 to 255, got 250 to 260",
    ),
    "a flag that is none": (
        lambda: facemask.find_contours(LABELS, background="yes"), "option_invalid", "background", "True or False, got 'yes'",
    ),
    "nothing to go by": (lambda: facemask.trace_face(NO_FACE), "no_face", "landmarks", "no landmarks were given"),
    "noise": (
        lambda: facemask.find_contours(np.indices((2100, 2100), np.uint8).sum(axis=0) % 2),
        "map_too_complex", "labels", "steps of border",
    ),
    "points of no scheme": (
        lambda: facemask.trace_face(LABELS, POINTS[:4]), "landmarks_implausible", "landmarks", "no known scheme has 4 points",
    ),
    "points upside down in their order": (
        lambda: facemask.trace_face(LABELS, np.tile([5.0, 5.0], (5, 1))), "landmarks_implausible", "landmarks", "5 points",
    ),
    "a point that is none": (
        lambda: facemask.trace_face(LABELS, [[1, 2], [float("nan"), 3]]), "landmarks_invalid", "landmarks[1][0]", "must be a finite number",
    ),
    "a point that is none, in an array": (
        lambda: facemask.trace_face(LABELS, np.array([[1, 2], [np.inf, 3]])), "landmarks_invalid", "landmarks[1]", "must be a finite point within 1000000 pixels",
    ),
    "no photo file": (lambda: facemask.decode_image(b"GIF89a"), "image_unsupported", "image", "expected a PNG, JPEG or WebP"),
    "text for a file": (lambda: facemask.decode_image("a.png"), "image_unsupported", "image", "bytes of a file, got 'a.png'"),
    "a cut photo": (lambda: facemask.decode_image(PNG), "image_corrupt", "image", "IEND"),
    "no map file": (lambda: facemask.decode_label_map(b"%PDF-1.7"), "map_unsupported", "labels", "PDF document, expected a PNG"),
    "a number for a map file": (lambda: facemask.decode_label_map(10**12), "map_unsupported", "labels", "the bytes of a file"),
    "a cut map": (lambda: facemask.decode_label_map(PNG), "map_corrupt", "labels", "IEND"),
    "a palette that is none": (
        lambda: facemask.decode_label_map(sample.encode_png(LABELS), palette=[(1, 2)]), "option_invalid", "palette", "got (1, 2)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_errors_name_the_field_and_say_what_came(name: str):
    call, code, field, words = ERRORS[name]
    with pytest.raises(facemask.FacemaskError) as caught:
        call()
    error = caught.value
    assert (error.code, error.field) == (code, field)
    assert words in error.detail
    assert str(error) == f"{field}: {error.detail}"
    assert not error.detail.endswith(".")
    assert isinstance(error, ValueError)


def encode_blank(kind: str, size: tuple[int, int], **options: Any) -> bytes:
    stream = BytesIO()
    Image.new("L", size).save(stream, kind, **options)
    return stream.getvalue()


FILES = {
    "a map with loss": (facemask.decode_label_map, lambda: encode_blank("JPEG", (9, 9)), "map_not_lossless", "labels"),
    "a map too large": (
        facemask.decode_label_map,
        lambda: encode_blank("PNG", (8000, 8000)),
        "map_too_large",
        "labels",
    ),
    "a photo too large": (facemask.decode_image, lambda: encode_blank("PNG", (8000, 8000)), "image_too_large", "image"),
}


@pytest.mark.parametrize("name", FILES)
def test_files_are_refused_by_what_their_headers_say(name: str):
    decode, data, code, field = FILES[name]
    with pytest.raises(facemask.FacemaskError) as caught:
        decode(data())
    assert (caught.value.code, caught.value.field) == (code, field)


def test_files_decode_to_arrays():
    labels = facemask.decode_label_map(sample.encode_png(LABELS))
    assert (labels.dtype, labels.shape) == (np.uint8, LABELS.shape)
    assert (labels == LABELS).all()
    photo = facemask.decode_image(sample.encode_png(FACE.photo))
    assert (photo == FACE.photo).all()
    colours = np.array([[10, 20, 30], [200, 0, 0], [0, 0, 255]], np.uint8)
    coded = sample.encode_png(colours[np.minimum(LABELS, 2)])
    assert (facemask.decode_label_map(coded, palette=colours.tolist()) == np.minimum(LABELS, 2)).all()


def test_base64_errors_say_where():
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask._core.decode_base64("AAAA*AAA", "image")
    assert (caught.value.code, caught.value.field) == ("base64_invalid", "image")
    assert "4" in caught.value.detail or "5" in caught.value.detail


def test_a_photo_that_was_looked_through_stands_for_its_file():
    photo, labels = (file.read_bytes() for file in (PHOTO_FILE, MAP_FILE))
    limits, core = facemask._core.Limits(), facemask._core

    def traced(image: Any, options: Any) -> str:
        return core.trace_bytes(image, labels, sample.LANDMARKS, options, limits).svg

    def seen(image: bytes) -> Any:
        return core.check_input(image, labels, sample.LANDMARKS, limits, digest=False, inspect=True)[1]

    assert traced(seen(photo), core.Options()) == traced(photo, core.Options())
    # What is wrong with a file is told to who traces it.
    for image in (seen(photo[:20_000]), photo[:20_000]):
        with pytest.raises(facemask.FacemaskError) as caught:
            traced(image, core.Options())
        assert (caught.value.code, caught.value.field) == ("image_corrupt", "image")
    with pytest.raises(facemask.FacemaskError) as caught:
        traced(seen(photo), core.Options(embed_image="crop"))
    assert caught.value.code == "internal_error"


def test_a_contour_is_the_same_before_and_after_its_arrays_are_made():
    for curve in ("straight", "smooth"):
        found = facemask.find_contours(LABELS, tolerance=0.5, curve=curve)
        before = {label: contour.path_data() for label, contour in found.items()}
        copies = pickle.loads(pickle.dumps(found))  # noqa: S301 - our own
        for label, contour in found.items():
            assert contour.points is contour.points
            assert (contour.points.shape[1], len(contour.curves)) == (2, len(contour.controls))
            assert contour.path_data() == copies[label].path_data() == before[label]
            assert np.array_equal(contour.points, copies[label].points)
        moved = found[6]
        moved.points[:] += 10.0
        assert moved.path_data() != before[6]
