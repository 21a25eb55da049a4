"""The files that a batch leaves are what their readers take them for."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import data_sets
import facemask
import numpy as np
import pytest
import yaml
from facemask.batch.layouts.source import LAYOUTS
from facemask.batch.outputs.catalog import NAMES
from facemask.batch.outputs.contact_sheet import FACES, ContactSheet
from facemask.batch.outputs.geoparquet import to_wkb
from facemask.batch.outputs.yolo_folder import share_of
from facemask.commands import batch as commands
from PIL import Image
from pycocotools.coco import COCO

LOCAL = [name for name in NAMES if name not in ("geoparquet", "animation")]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return data_sets.pairs(tmp_path / "in", 6)


def test_coco_is_that_of_the_library_and_loads_in_pycocotools(source: Path, tmp_path: Path, batch: Callable[..., Any]):
    assert batch(source, tmp_path / "out", "--outputs", "coco,crops").code == 0
    dataset = COCO(str(tmp_path / "out/coco/annotations.json"))
    assert len(dataset.imgs) == 6
    for number, image in enumerate(dataset.dataset["images"]):
        labels = facemask.decode_label_map(data_sets.label_map(number))
        points = json.loads(data_sets.points(number)) if number % 2 else None
        face = facemask.trace_face(labels, points, image=data_sets.photo(number))
        expected = face.to_coco(image_id=number + 1, file_name=f"crops/f{number:03d}.jpg")
        assert image == expected["images"][0]
        annotations = dataset.loadAnns(dataset.getAnnIds(image["id"]))
        by_category = {each["category_id"]: each for each in annotations}
        for annotation in expected["annotations"]:
            ours = by_category.pop(annotation["category_id"])
            assert ours["id"] == number * 256 + annotation["id"]
            assert {**ours, "id": 0} == {**annotation, "id": 0}
            assert dataset.annToMask(ours).sum() == annotation["area"]
        assert not by_category
        with Image.open(tmp_path / "out" / image["file_name"]) as crop:
            assert crop.size == (image["width"], image["height"])
    assert dataset.dataset["categories"] == expected["categories"]


def test_coco_of_polygons(source: Path, tmp_path: Path, batch: Callable[..., Any]):
    assert batch(source, tmp_path / "out", "--outputs", "coco", "--segmentation", "polygons").code == 0
    dataset = COCO(str(tmp_path / "out/coco/annotations.json"))
    assert all(isinstance(each["segmentation"], list) for each in dataset.anns.values())


def test_yolo_is_a_folder_that_its_own_file_describes(source: Path, tmp_path: Path, batch: Callable[..., Any]):
    assert batch(source, tmp_path / "out", "--outputs", "yolo", "--val", "0.5", "--inset", "0.5").code == 0
    data = yaml.safe_load((tmp_path / "out/yolo/data.yaml").read_text())
    root = tmp_path / "out/yolo" / data["path"]
    images = {path for split in ("train", "val") for path in (root / data[split]).rglob("*.jpg")}
    assert len(images) == 6
    assert len(list((root / data["val"]).iterdir())) in range(1, 6)
    for image in images:
        # As Ultralytics finds it: the last `images` of the path becomes `labels`.
        label = Path("labels".join(str(image).rsplit("images", 1))).with_suffix(".txt")
        lines = label.read_text().splitlines()
        assert {int(line.split()[0]) for line in lines} <= set(data["names"])
        numbers = np.array([float(number) for line in lines for number in line.split()[1:]])
        assert ((numbers >= 0) & (numbers <= 1)).all()
    assert data["names"][5] == "nose"


def test_classes_make_their_own_numbers(source: Path, tmp_path: Path, batch: Callable[..., Any]):
    assert batch(source, tmp_path / "out", "--outputs", "yolo,label-studio", "--classes", "nose,skin").code == 0
    data = yaml.safe_load((tmp_path / "out/yolo/data.yaml").read_text())
    assert data["names"] == {0: "nose", 1: "skin"}
    assert 'value="nose" category="0"' in (tmp_path / "out/label-studio/config.xml").read_text()


def test_two_names_for_one_class_are_a_problem_and_not_mixed(source: Path, tmp_path: Path, batch: Callable[..., Any]):
    other = data_sets.celebamask(tmp_path / "other", 1)
    labels = facemask.read_label_map(other / "CelebAMask-HQ-mask-anno/0/00000")
    Image.fromarray(labels).save(source / "f000.png")
    run = batch(source, tmp_path / "out", "--outputs", "yolo,svg")
    assert run.code == 3
    assert (run.report["done"], run.report["failed"]) == (6, 0)
    (problem,) = run.report["problems"]
    assert (problem["output"], problem["code"], problem["field"]) == ("yolo", "format_impossible", "classes")
    assert "--classes" in run.err
    assert len(list((tmp_path / "out/svg").iterdir())) == 6
    assert batch(source, tmp_path / "out", "--outputs", "yolo,svg", "--classes", "nose").code == 0


def test_label_studio_has_a_task_for_each_face(source: Path, tmp_path: Path, batch: Callable[..., Any]):
    assert batch(source, tmp_path / "out", "--outputs", "label-studio,crops").code == 0
    tasks = json.loads((tmp_path / "out/label-studio/tasks.json").read_text())
    assert [task["data"]["image"] for task in tasks] == [f"crops/f{number:03d}.jpg" for number in range(6)]
    labels = facemask.decode_label_map(data_sets.label_map(1))
    face = facemask.trace_face(labels, json.loads(data_sets.points(1)), image=data_sets.photo(1))
    assert tasks[1] == face.to_label_studio(image="crops/f001.jpg")
    assert (tmp_path / "out/label-studio/config.xml").read_text() == face.to_label_studio_config()


def test_label_maps_and_crops_are_those_of_the_library(source: Path, tmp_path: Path, batch: Callable[..., Any]):
    run = batch(source, tmp_path / "out", "--outputs", "label-maps,crops", "--crop-size", "96", "--crop", "head")
    assert run.code == 0
    labels = facemask.decode_label_map(data_sets.label_map(3))
    points = json.loads(data_sets.points(3))
    face = facemask.trace_face(labels, points, image=data_sets.photo(3), crop="head", crop_size=96)
    ids = facemask.decode_label_map((tmp_path / "out/label-maps/f003.png").read_bytes())
    assert np.array_equal(ids, face.to_label_map())
    crop = facemask.decode_image((tmp_path / "out/crops/f003.jpg").read_bytes())
    assert crop.shape == (96, 96, 3)
    assert np.abs(crop.astype(int) - face.crop_image()).mean() < 8


def test_geoparquet_is_a_table_of_pixels(source: Path, tmp_path: Path, batch: Callable[..., Any]):
    parquet = pytest.importorskip("pyarrow.parquet")
    shapely = pytest.importorskip("shapely")
    assert batch(source, tmp_path / "out", "--outputs", "geoparquet").code == 0
    table = parquet.read_table(tmp_path / "out/geoparquet/regions.parquet")
    geo = json.loads(table.schema.metadata[b"geo"])
    assert (geo["version"], geo["primary_column"]) == ("1.1.0", "geometry")
    assert geo["columns"]["geometry"]["crs"] is None
    rows = table.to_pylist()
    assert len({row["key"] for row in rows}) == 6
    for row in rows:
        shape = shapely.from_wkb(row["geometry"])
        assert shape.geom_type == "MultiPolygon"
        box = row["bbox"]
        assert shape.bounds == pytest.approx((box["xmin"], box["ymin"], box["xmax"], box["ymax"]), abs=0.02)
        assert shape.area == pytest.approx(row["area"], rel=0.02, abs=1)


def test_well_known_binary_is_read_by_shapely():
    shapely = pytest.importorskip("shapely")
    outer, hole = [[0, 0], [4, 0], [4, 4], [0, 0]], [[1, 0.5], [3, 1], [3, 2], [1, 0.5]]
    shape = shapely.from_wkb(to_wkb([[outer, hole], [outer]]))
    assert shapely.to_geojson(shape) == shapely.to_geojson(
        shapely.geometry.shape({"type": "MultiPolygon", "coordinates": [[outer, hole], [outer]]})
    )
    assert shapely.from_wkb(to_wkb([])).is_empty


def test_a_contact_sheet_shows_every_face_of_a_small_set(source: Path, tmp_path: Path, batch: Callable[..., Any]):
    assert batch(source, tmp_path / "out", "--outputs", "contact-sheet").code == 0
    with Image.open(tmp_path / "out/contact-sheet.png") as sheet:
        pixels = np.asarray(sheet.convert("RGB")).astype(int)
    cells = [pixels[8:136, 8 + 136 * column : 136 + 136 * column] for column in range(6)]
    assert pixels.shape == (8 + 152, 8 + 6 * 136, 3)
    assert all((np.ptp(cell, axis=2) > 20).mean() > 0.1 for cell in cells), "a cell without color"


def test_the_faces_on_a_sheet_are_those_with_the_lowest_hashes_whatever_their_order():
    keys = [f"face-{number}" for number in range(3000)]
    lowest = set(sorted(keys, key=share_of)[:FACES])
    for order in (keys, keys[::-1]):
        sheet = ContactSheet()
        taken = {key for key in order if sheet.takes(key)}
        assert lowest <= taken
        assert len(taken) < 6 * FACES


def test_all_outputs_together(source: Path, tmp_path: Path, batch: Callable[..., Any]):
    run = batch(source, tmp_path / "out", "--outputs", ",".join(LOCAL))
    assert run.code == 0
    assert set(run.report["files"]) == {
        "coco/annotations.json", "yolo/data.yaml", "label-studio/tasks.json", "label-studio/config.xml",
        "contact-sheet.png",
    }  # fmt: skip
    alone = batch(source, tmp_path / "alone", "--outputs", "svg,crops,coco")
    assert alone.code == 0
    both, one = data_sets.files_below(tmp_path / "out"), data_sets.files_below(tmp_path / "alone")
    assert all(both[path] == content for path, content in one.items())


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (["--outputs", "svg,pdf"], "outputs"),
        (["--segmentation", "polygons"], "segmentation"),
        (["--outputs", "coco", "--segmentation", "nonsense"], "segmentation"),
        (["--outputs", "label-studio,coco", "--segmentation", "rle_compressed"], "segmentation"),
        (["--outputs", "yolo", "--inset", "3"], "inset"),
        (["--outputs", "yolo", "--val", "1"], "val"),
        (["--val", "0.5"], "validation_share"),
        (["--tolerance", "-1"], "tolerance"),
    ],
)
def test_options_are_checked_before_the_first_face(
    source: Path, tmp_path: Path, batch: Callable[..., Any], arguments: list[str], field: str
):
    run = batch(source, tmp_path / "out", *arguments)
    assert run.code == 1
    assert run.err.startswith(f"facemask: {field}: "), run.err
    assert not (tmp_path / "out").exists()


def test_the_command_lists_the_layouts_and_outputs_that_there_are():
    # It names them without loading them.
    assert commands._OUTPUTS == NAMES
    assert commands._LAYOUTS == LAYOUTS


def test_a_picture_of_the_photo_frame_is_the_photo(source: Path, tmp_path: Path, batch: Callable[..., Any]):
    run = batch(source, tmp_path / "out", "--outputs", "coco,label-studio", "--frame", "image")
    assert run.code == 0
    images = json.loads((tmp_path / "out/coco/annotations.json").read_text())["images"]
    assert images[2]["file_name"] == "f002.jpg"
    with Image.open(io.BytesIO(data_sets.photo(2))) as photo:
        assert photo.size == (images[2]["width"], images[2]["height"])
