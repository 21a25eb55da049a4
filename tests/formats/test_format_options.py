"""Options of formats in Python and on the command line."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from facemask import FacemaskError, cli, to_coco_dataset
from facemask.formats import FORMATS, OPTIONS, check_options, render
from support.export_faces import FACE, refused
from support.paths import SAMPLE_FILES

FILES = [str(path) for path in SAMPLE_FILES]


def trace(*arguments: str, out: Path) -> bytes:
    assert cli.main(["trace", *FILES, *arguments, "-o", str(out)]) == 0
    return out.read_bytes()


def test_every_option_of_a_format_is_a_parameter_of_its_method() -> None:
    methods: dict[str, Any] = {
        "geojson": FACE.to_geojson,
        "topojson": FACE.to_topojson,
        "coco": FACE.to_coco,
        "yolo": FACE.to_yolo,
        "yolo-data": FACE.to_yolo_data,
        "label-studio": FACE.to_label_studio,
        "label-studio-config": FACE.to_label_studio_config,
        "cvat": FACE.to_cvat,
    }
    values = {"segmentation": "rle", "classes": ["nose", "skin"], "inset": 0.25, "y_up": True, "keypoints": "five"}
    assert set(values) == set(OPTIONS)
    for form in FORMATS.values():
        assert bool(form.options) == (form.name in methods)
        for name in form.options:
            rendered = render(form.name, FACE, {name: values[name]})
            made = methods[form.name](**{name: values[name]})
            assert (rendered.decode() if isinstance(made, str) else json.loads(rendered)) == made
            assert rendered != render(form.name, FACE)


def test_a_file_name_is_text_or_a_path() -> None:
    path = Path("faces") / "1.jpg"
    assert FACE.to_coco(file_name=path)["images"][0]["file_name"] == str(path)
    assert FACE.to_labelme(image=path)["imagePath"] == str(path)
    assert FACE.to_label_studio(image=path)["data"]["image"] == str(path)
    assert f'name="{path}"' in FACE.to_cvat(file_name=path)
    names = [image["file_name"] for image in to_coco_dataset([FACE, FACE], file_names=[path, "2.jpg"])["images"]]
    assert names == [str(path), "2.jpg"]
    for value in (None, 3, b"face.png", ["face.png"]):
        for call, name in (
            (FACE.to_coco, "file_name"),
            (FACE.to_cvat, "file_name"),
            (FACE.to_labelme, "image"),
            (FACE.to_label_studio, "image"),
        ):
            error = refused("option_invalid", "must be text or a path, got", call, **{name: value})
            assert error.field == name


def test_a_data_set_is_of_several_faces() -> None:
    for value in (FACE, None, 3, [FACE, 3]):
        assert refused("option_invalid", "must be a list of traced faces", to_coco_dataset, value).field == "faces"
    assert refused("option_invalid", "list of names", to_coco_dataset, [FACE], file_names=3).field == "file_names"


def test_holes_of_any_type_are_checked() -> None:
    for call in (FACE.to_coco, FACE.to_yolo, FACE.to_label_studio, FACE.to_labelme, FACE.to_cvat):
        refused("option_invalid", "must be bridge or error, got", call, holes=np.array(["bridge", "error"]))


def test_an_option_that_a_format_lacks_names_those_that_have_it() -> None:
    error = refused("option_invalid", "geojson, topojson", check_options, "coco", {"y_up": True})
    assert error.field == "y_up"
    refused("option_invalid", "bitmap", render, "bitmap", FACE)
    with pytest.raises(FacemaskError, match="segmentation"):
        render("svg", FACE, {"segmentation": "auto"})


def test_the_command_line_has_every_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    coco = json.loads(trace("--format", "coco", "--segmentation", "polygons", out=out))
    assert coco == FACE.to_coco(segmentation="polygons")
    assert trace("--format", "cvat", "--segmentation", "rle", out=out).decode() == FACE.to_cvat(segmentation="rle")
    assert trace("--format", "yolo", "--inset", "0.5", out=out).decode() == FACE.to_yolo(inset=0.5)
    up = json.loads(trace("--format", "topojson", "--y-up", out=out))
    assert up == FACE.to_topojson(y_up=True)
    names = tmp_path / "names.txt"
    names.write_text("nose\n\n  skin \n", encoding="utf-8")
    expected = FACE.to_yolo(classes=["nose", "skin"])
    for text in ("nose,skin", " nose , skin,", str(names)):
        assert trace("--format", "yolo", "--classes", text, out=out).decode() == expected
    names.write_bytes(b"\xef\xbb\xbfnose\r\nskin\r\n")  # as an editor on Windows saves it
    assert trace("--format", "yolo", "--classes", str(names), out=out).decode() == expected
    assert trace("--format", "yolo-data", "--classes", "nose", out=out).decode() == FACE.to_yolo_data(classes=["nose"])
    capsys.readouterr()


def test_a_missing_file_of_classes_is_no_class(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("no.txt", "no.names", str(tmp_path / "no"), str(tmp_path)):
        assert cli.main(["trace", *FILES, "--format", "yolo", "--classes", name, "-o", str(tmp_path / "out")]) == 1
        assert capsys.readouterr().err.startswith(f"facemask: {name}: ")
    assert not (tmp_path / "out").exists()


def test_no_region_of_the_classes_is_an_empty_file(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert trace("--format", "yolo", "--classes", "tail", out=tmp_path / "out") == b""
    capsysbinary.readouterr()
    assert cli.main(["trace", *FILES, "--format", "yolo", "--classes", "tail"]) == 0
    assert capsysbinary.readouterr().out == b""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--segmentation", "rle"], "segmentation: the format svg does not have it"),
        (["--format", "coco", "--y-up"], "y_up: the format coco does not have it; these have: geojson, topojson"),
        (["--format", "coco", "--segmentation", "bitmap"], "segmentation: must be auto or rle_compressed or rle or"),
        (["--format", "yolo", "--inset", "1"], "inset: must be a number from 0 to 0.5, got 1.0"),
        (["--format", "yolo", "--classes", ","], "classes: must have 1 to 1000 names, got 0"),
        (["--format", "yolo", "--classes", "nose,nose"], "classes: must have different names"),
    ],
)
def test_wrong_options_end_the_command_before_it_reads(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = ["no.jpg", "no.png"]
    assert cli.main(["trace", *missing, *arguments]) == 1
    assert capsys.readouterr().err.startswith(f"facemask: {words}")
