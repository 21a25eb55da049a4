"""A parser makes the label map: at every tilt, mirrored, in every family's form, beside the trace of the true map."""

import json
import math
import threading
from functools import cache
from pathlib import Path
from typing import Any

import facemask
import numpy as np
import pytest
from facemask.cli import main
from facemask.parsing.network import ParserNetwork
from numpy.typing import NDArray
from PIL import Image
from support import sample
from support.parser_networks import FAMILIES, paint, save_constant, save_family
from support.paths import LANDMARKS_FILE

COPIES = [(0, "none"), (90, "none"), (140, "none"), (180, "none"), (0, "pixels"), (140, "pixels")]
LAPA = facemask._core.label_schemes()["lapa-11"]


@cache
def painted(angle: float, mirror: str) -> NDArray[np.uint8]:
    """The sample's label map as a picture of the photo's size."""
    copy = sample.copy(angle, mirror)
    return paint(sample.resize_nearest(copy.labels, *copy.photo.size))


def rasterize(mask: facemask.FaceMask) -> NDArray[np.uint8]:
    return mask.to_label_map()


def failure(**arguments: Any) -> facemask.FacemaskError:
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.trace_face(**arguments)
    return caught.value


@pytest.mark.parametrize(("angle", "mirror"), COPIES)
@pytest.mark.parametrize("family", FAMILIES)
def test_the_outlines_are_those_of_the_true_map(tmp_path: Path, family: str, angle: float, mirror: str):
    copy = sample.copy(angle, mirror)
    parser = facemask.FaceParser(save_family(tmp_path, family))
    found = facemask.trace_face(landmarks=copy.landmarks, image=painted(angle, mirror), parser=parser)
    true = facemask.trace_face(copy.labels, copy.landmarks, image_size=copy.photo.size)
    assert (found.labels_from, found.size, found.warnings) == ("parser", true.size, [])
    assert (found.roll_degrees, found.mirrored) == (true.roll_degrees, true.mirrored)
    found_map, true_map = rasterize(found), rasterize(true)
    for label, name in enumerate(sample.NAMES, 1):
        overlap = np.sum((found_map == label) & (true_map == label)) / np.sum(
            (found_map == label) | (true_map == label)
        )
        # These are seven pixels high, and two of the scores at a quarter.
        assert overlap > (0.6 if name in ("brow_r", "brow_l", "lip_upper") else 0.88), (name, overlap)


def side_map(side: int = 128) -> NDArray[np.float32]:
    """Logits by which the viewer's left half of the lower face is the right eye, and the other half the left one."""
    labels = np.zeros((side, side), int)
    labels[side // 4 :, : side // 2] = LAPA.index("eye_r")
    labels[side // 4 :, side // 2 :] = LAPA.index("eye_l")
    return (8.0 * (labels == np.arange(len(LAPA))[:, None, None])).astype(np.float32)


@pytest.mark.parametrize(("angle", "mirror"), [*COPIES, (140, "points")])
def test_the_network_sees_the_face_upright_and_not_mirrored(tmp_path: Path, angle: float, mirror: str):
    copy = sample.copy(angle, mirror)
    path = save_constant(tmp_path, side_map())
    whole = {"crop": "none", "frame": "image"}
    mask = facemask.trace_face(landmarks=copy.landmarks, image=np.asarray(copy.photo), parser=path, **whole)
    eyes = {region["name"]: np.array(region["centroid"]) for region in mask.regions}
    _, parts = facemask._core.landmark_schemes()["mediapipe-478"]
    true = {name: copy.landmarks[parts[name]].mean(axis=0) for name in eyes}
    between, true_between = eyes["eye_l"] - eyes["eye_r"], true["eye_l"] - true["eye_r"]
    angle_between = math.atan2(between[1], between[0]) - math.atan2(true_between[1], true_between[0])
    assert abs(math.remainder(angle_between, 2 * math.pi)) < 0.05
    assert np.linalg.norm(true["eye_r"] - eyes["eye_r"]) < np.linalg.norm(true["eye_r"] - eyes["eye_l"])


def test_a_path_is_a_parser_and_stays_loaded(tmp_path: Path):
    path = save_family(tmp_path, "segformer")
    face = {"landmarks": sample.LANDMARKS, "image": painted(0, "none")}
    first = facemask.trace_face(**face, parser=str(path))
    assert facemask.trace_face(**face, parser=facemask.FaceParser(path, threads=1)).svg == first.svg
    # A changed description is read again.
    path.with_suffix(".toml").write_text(path.with_suffix(".toml").read_text().replace('"face"', '"ffhq"'))
    assert facemask.trace_face(**face, parser=path).svg != first.svg


@pytest.mark.parametrize("crop", ["face", "ffhq", "none"])
def test_every_crop_leads_to_the_same_outlines(tmp_path: Path, crop: str):
    copy = sample.copy(35)
    path = save_family(tmp_path, "bisenet", crop=crop)
    mask = facemask.trace_face(landmarks=copy.landmarks, image=painted(35, "none"), parser=path)
    true = facemask.trace_face(copy.labels, copy.landmarks, image_size=copy.photo.size)
    for name in ("nose", "lip_lower", "eye_r"):
        # With the whole photo in 512 x 512 pixels an eye has few of them.
        assert mask.contours[name].area == pytest.approx(true.contours[name].area, rel=0.15 if crop == "none" else 0.05)


def test_zones_measures_and_the_photo_go_with_a_parser(tmp_path: Path):
    path = save_family(tmp_path, "bisenet")
    zones = facemask.trace_face(
        landmarks=sample.LANDMARKS,
        image=painted(0, "none"),
        parser=path,
        regions="zones",
        measure_color=True,
        embed_image="crop",
    )
    assert {"forehead", "cheek_r", "chin"} <= {region["name"] for region in zones.regions}
    assert "data:image/jpeg" in zones.svg
    assert zones.to_dict()["labels_from"] == "parser"


def test_names_of_a_description_are_those_of_the_regions(tmp_path: Path):
    path = save_family(tmp_path, "bisenet")
    text = path.with_suffix(".toml").read_text()
    names = ["none", *(f"part {number}" for number in range(1, 11))]
    path.with_suffix(".toml").write_text(text.replace('scheme = "lapa-11"', f"names = {json.dumps(names)}"))
    mask = facemask.trace_face(
        landmarks=sample.LANDMARKS, image=painted(0, "none"), parser=path, label_names={"6": "my nose"}
    )
    assert {region["name"] for region in mask.regions} == {*names[1:6], "my nose", *names[7:]}
    assert mask.schemes["labels"] is None


def test_another_order_of_labels_is_told(tmp_path: Path):
    path = save_family(tmp_path, "bisenet", scheme="ibug-11")  # the same ids by other names is no mistake
    face = {"landmarks": sample.LANDMARKS, "image": painted(0, "none")}
    assert facemask.trace_face(**face, parser=path).warnings == []
    scheme = "celebamask-hq-19"
    labels = facemask._core.label_schemes()
    order = [labels["bisenet-19"].index(name) for name in labels[scheme]]
    ids = np.zeros((128, 128), np.uint8)
    crop = facemask.trace_face(sample.LABELS, sample.LANDMARKS, image_size=(900, 900), crop="face", crop_size=128)
    ids = rasterize(crop)
    names = ["background", *sample.NAMES]
    in_scheme = np.array([labels["bisenet-19"].index(name) for name in names])[ids]
    assert sorted(order) == list(range(19))
    logits = (8.0 * (in_scheme == np.arange(19)[:, None, None])).astype(np.float32)
    photo = np.asarray(sample.copy().photo)
    right = facemask.trace_face(
        landmarks=sample.LANDMARKS, image=photo, parser=save_constant(tmp_path / "a", logits, scheme="bisenet-19")
    )
    assert right.warnings == []
    wrong = facemask.trace_face(
        landmarks=sample.LANDMARKS, image=photo, parser=save_constant(tmp_path / "b", logits, scheme=scheme)
    )
    told = {warning["code"]: warning["detail"] for warning in wrong.warnings}
    assert "names the label scheme celebamask-hq-19" in told["label_scheme_mismatch"]
    assert "those of bisenet-19" in told["label_scheme_mismatch"]


def test_a_map_beside_a_parser_is_an_error(tmp_path: Path):
    path = save_family(tmp_path, "bisenet")
    face: dict[str, Any] = {"landmarks": sample.LANDMARKS, "image": painted(0, "none"), "parser": path}
    error = failure(labels=sample.LABELS, **face)
    assert (error.code, error.field) == ("option_invalid", "parser")
    assert "leave one of them out" in error.detail
    affine = (1, 0, 0, 0, 1, 0)
    of_a_map = {"map_fit": "stretch", "map_box": (0, 0, 9, 9), "image_from_labels": affine, "void": 255}
    for name, value in {**of_a_map, "label_scheme": "lapa-11"}.items():
        error = failure(**face, **{name: value})
        assert (error.code, error.field) == ("option_invalid", name)


def test_a_parser_needs_photo_and_landmarks(tmp_path: Path):
    path = save_family(tmp_path, "bisenet")
    error = failure(image=painted(0, "none"), parser=path)
    assert (error.code, error.field) == ("landmarks_invalid", "landmarks")
    error = failure(landmarks=sample.LANDMARKS, image_size=(900, 900), parser=path)
    assert (error.code, error.field) == ("option_invalid", "image")
    error = failure(landmarks=sample.LANDMARKS + 5000.0, image=painted(0, "none"), parser=path, landmark_units="pixel")
    assert error.code == "crop_empty"
    error = failure(landmarks=sample.LANDMARKS, image=painted(0, "none"), parser=3)
    assert (error.code, error.field) == ("option_invalid", "parser")


def test_of_several_faces_one_is_parsed_and_traced(tmp_path: Path):
    both = np.hstack([painted(0, "none"), painted(0, "none")])
    faces = [sample.LANDMARKS, sample.LANDMARKS + np.array([900.0, 0.0])]
    path = save_family(tmp_path, "bisenet")
    masks = [facemask.trace_face(landmarks=faces, image=both, parser=path, face=index) for index in (0, 1)]
    alone = facemask.trace_face(landmarks=sample.LANDMARKS, image=painted(0, "none"), parser=path)
    for mask in masks:
        assert mask.contours["nose"].area == pytest.approx(alone.contours["nose"].area, rel=0.01)
        assert mask.warnings == []
    unnamed = facemask.trace_face(landmarks=faces, image=both, parser=path)
    assert [warning["code"] for warning in unnamed.warnings] == ["several_faces"]


def test_five_points_are_enough_for_a_parser(tmp_path: Path):
    _, parts = facemask._core.landmark_schemes()["mediapipe-478"]
    mean = lambda part: sample.LANDMARKS[parts[part]].mean(axis=0)  # noqa: E731
    points = np.array([mean(part) for part in ("eye_r", "eye_l", "nose_tip", "mouth_r", "mouth_l")])
    path = save_family(tmp_path, "segformer")
    mask = facemask.trace_face(landmarks=points, image=painted(0, "none"), parser=path)
    assert {"nose", "hair", "lip_upper"} <= {region["name"] for region in mask.regions}


def test_threads_share_a_parser(tmp_path: Path):
    parser = facemask.FaceParser(save_family(tmp_path, "segformer"), threads=1)
    drawings: dict[int, str] = {}

    def trace(index: int) -> None:
        angle, mirror = COPIES[index % len(COPIES)]
        copy = sample.copy(angle, mirror)
        drawings[index] = facemask.trace_face(landmarks=copy.landmarks, image=painted(angle, mirror), parser=parser).svg

    for angle, mirror in COPIES:  # the pictures, before they are shared
        painted(angle, mirror)
    threads = [threading.Thread(target=trace, args=(index,)) for index in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(drawings) == 12
    assert all(drawings[index] == drawings[index + 6] for index in range(6))


def test_an_interrupt_of_the_network_stays_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ParserNetwork, "run", interrupt)
    with pytest.raises(KeyboardInterrupt):
        facemask.trace_face(
            landmarks=sample.LANDMARKS, image=painted(0, "none"), parser=save_family(tmp_path, "argmax")
        )


def test_the_command_line_takes_a_parser(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    photo = tmp_path / "photo.png"
    Image.fromarray(painted(0, "none")).save(photo)
    path = save_family(tmp_path, "segformer")
    arguments = [
        "trace",
        str(photo),
        str(LANDMARKS_FILE),
        "--parser",
        str(path),
        "--contours",
        str(tmp_path / "c.json"),
    ]
    assert main(arguments) == 0
    result = json.loads((tmp_path / "c.json").read_text())
    assert result["labels_from"] == "parser"
    assert "hair" in [region["name"] for region in result["regions"]]
    (tmp_path / "map.png").write_bytes(sample.encode_png(sample.LABELS))
    assert main(["trace", str(photo), str(tmp_path / "map.png"), str(LANDMARKS_FILE), "--parser", str(path)]) == 1
    assert "leave one of them out" in capsys.readouterr().err
    assert main(["trace", str(photo), str(LANDMARKS_FILE), "--parser", str(tmp_path / "none.onnx")]) == 1
    assert f"there is no file {tmp_path / 'none.onnx'}" in capsys.readouterr().err


@pytest.mark.parametrize("orientation", [3, 6, 2])
def test_a_stored_photo_is_turned_before_it_is_parsed(tmp_path: Path, orientation: int):
    photo = tmp_path / "photo.png"
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = {
        3: lambda p: p.transpose(Image.Transpose.ROTATE_180),
        6: lambda p: p.transpose(Image.Transpose.ROTATE_90),
        2: lambda p: p.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    }[orientation](Image.fromarray(painted(0, "none")))
    stored.save(photo, exif=exif)
    path = save_family(tmp_path, "segformer")
    output = tmp_path / "out.json"
    assert main(["trace", str(photo), str(LANDMARKS_FILE), "--parser", str(path), "--contours", str(output)]) == 0
    plain = facemask.trace_face(landmarks=sample.LANDMARKS, image=painted(0, "none"), parser=path)
    areas = {region["name"]: region["area"] for region in json.loads(output.read_text())["regions"]}
    assert areas == {region["name"]: region["area"] for region in plain.regions}
