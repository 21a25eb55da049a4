"""Every layout finds its faces, and each is traced as by a call of its own."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import data_sets
import facemask
import pytest
from facemask.batch.layouts.keys import safe_key
from facemask.batch.layouts.source import Source


def found(source: Path, **options: Any) -> tuple[str, dict[str, Any]]:
    """Layout, and the entries by key."""
    opened = Source(str(source), **options)
    entries = list(opened.entries())
    assert len({entry.key for entry in entries}) == len(entries)
    return opened.layout, {entry.key: entry for entry in entries}


def expected_svg(number: int, *, with_points: bool, **options: Any) -> str:
    photo, labels = data_sets.photo(number), facemask.decode_label_map(data_sets.label_map(number))
    landmarks = json.loads(data_sets.points(number)) if with_points else None
    return facemask.trace_face(labels, landmarks, image=photo, **options).svg


def test_pairs_lie_side_by_side(tmp_path: Path, batch: Callable[..., Any]):
    source = data_sets.pairs(tmp_path / "in", 4)
    data_sets.write(source / "README.txt", b"a list of faces")
    data_sets.write(source / ".hidden.jpg", b"x")
    layout, entries = found(source)
    assert (layout, list(entries)) == ("pairs", ["f000", "f001", "f002", "f003"])
    run = batch(source, tmp_path / "out")
    assert (run.code, run.report["done"]) == (0, 4)
    for number in range(4):
        svg = (tmp_path / f"out/svg/f{number:03d}.svg").read_text()
        assert svg == expected_svg(number, with_points=number % 2 == 1)


def test_pairs_lie_in_folders_by_role_and_splits_stay_apart(tmp_path: Path):
    layout, entries = found(data_sets.split_folders(tmp_path, 3))
    assert layout == "pairs"
    assert list(entries) == ["train/0", "train/1", "train/2"]
    assert all(entry.photo and entry.labels and entry.landmarks for entry in entries.values())


def test_lapa_is_told_by_its_106_points(tmp_path: Path, batch: Callable[..., Any]):
    source = data_sets.lapa(tmp_path / "in", 3)
    layout, entries = found(source)
    assert (layout, list(entries)) == ("lapa", ["train/0", "train/1", "train/2"])
    assert found(source / "train")[0] == "lapa"
    run = batch(source, tmp_path / "out")
    assert (run.code, run.report["done"]) == (0, 3), run.report["failures"]
    face = facemask.trace_face(data_sets.turned(1).labels, data_sets.lapa_points(1), landmark_scheme="lapa-106")
    assert (tmp_path / "out/svg/train/1.svg").read_text() == face.svg


def test_a_document_beside_a_photo_is_a_map_or_landmarks(tmp_path: Path, batch: Callable[..., Any]):
    labels = facemask.decode_label_map(data_sets.label_map(0))
    face = facemask.trace_face(labels, frame="image", crop="none")
    data_sets.write(tmp_path / "in/a.jpg", data_sets.photo(0))
    data_sets.write(tmp_path / "in/a.json", json.dumps(face.to_labelme(image="a.jpg")).encode())
    run = batch(tmp_path / "in", tmp_path / "out")
    assert (run.code, run.report["done"]) == (0, 1), run.report["failures"]


@pytest.mark.parametrize(
    ("names", "key"),
    [
        ({"a.jpg": "photo", "a.map.png": "labels", "a.json": "landmarks"}, "a"),
        ({"a.png": "photo", "a_mask.png": "labels"}, "a"),
        ({"a.png": "photo", "a-seg.tif": "labels", "a.pts": "landmarks"}, "a"),
        ({"a.webp": "photo", "a.npy": "labels"}, "a"),
        ({"a.jpg": "photo", "a.webp": "labels"}, "a"),
        ({"photos/x/a.jpg": "photo", "masks/x/a.png": "labels", "points/x/a.csv": "landmarks"}, "x/a"),
        ({"p1/image.jpg": "photo", "p1/segmentation.png": "labels", "p1/landmarks.json": "landmarks"}, "p1"),
        ({"Images/a.png": "photo", "Labels/a_label.png": "labels"}, "a"),
        ({"maps/a.png": "labels"}, "a"),
        ({"a.png": "photo", "a_seg.png": "labels", "a_ldmks.txt": "landmarks"}, "a"),
        ({"images/train/a.jpg": "photo", "annotations/train/a.png": "labels"}, "train/a"),
        ({"a.jpg": "photo", "a.json": "landmarks"}, "a"),
    ],
)
def test_names_say_what_a_file_is(tmp_path: Path, names: dict[str, str], key: str):
    for name in names:
        data_sets.write(tmp_path / name, b"content")
    layout, entries = found(tmp_path)
    assert (layout, list(entries)) == ("pairs", [key])
    roles = {role: getattr(entries[key], role) for role in ("photo", "labels", "landmarks")}
    relative = {str(Path(file.name).relative_to(tmp_path)): role for role, file in roles.items() if file is not None}
    assert relative == names
    assert entries[key].problem is None


def test_a_photo_without_its_map_is_a_failure_of_pairs(tmp_path: Path, batch: Callable[..., Any]):
    source = data_sets.pairs(tmp_path / "in", 2)
    (source / "f001.png").unlink()
    (source / "f001.json").unlink()
    run = batch(source, tmp_path / "out")
    assert run.code == 3
    (failure,) = run.report["failures"]
    assert (failure["key"], failure["code"], failure["field"]) == ("f001", "map_required", "labels")
    assert "--layout photos" in failure["detail"]


def test_maps_alone_are_traced(tmp_path: Path, batch: Callable[..., Any]):
    for number in range(2):
        data_sets.write(tmp_path / f"in/maps/{number}.png", data_sets.label_map(number))
    run = batch(tmp_path / "in", tmp_path / "out", "--outputs", "svg,crops")
    assert (run.code, run.report["done"]) == (0, 2)
    labels = facemask.decode_label_map(data_sets.label_map(1))
    assert (tmp_path / "out/svg/1.svg").read_text() == facemask.trace_face(labels).svg
    assert not (tmp_path / "out/crops").exists()


def test_parts_of_celebamask_become_one_map(tmp_path: Path, batch: Callable[..., Any]):
    source = data_sets.celebamask(tmp_path / "in", 3)
    (source / "CelebA-HQ-img/2.jpg").unlink()
    data_sets.write(source / "CelebA-HQ-img/9.jpg", data_sets.photo(0))
    layout, entries = found(source)
    assert (layout, list(entries)) == ("celebamask-hq", ["00000", "00001", "00002", "00009"])
    run = batch(source, tmp_path / "out")
    assert [failure["key"] for failure in run.report["failures"]] == ["00009"]
    parts = source / "CelebAMask-HQ-mask-anno/0/00001"
    labels = facemask.read_label_map(parts)
    expected = facemask.trace_face(labels, image=data_sets.photo(1), label_scheme="celebamask-hq-19")
    assert (tmp_path / "out/svg/00001.svg").read_text() == expected.svg
    assert [region["name"] for region in expected.regions][:2] == ["skin", "nose"]
    assert (tmp_path / "out/svg/00002.svg").read_text() == facemask.trace_face(
        facemask.read_label_map(source / "CelebAMask-HQ-mask-anno/0/00002"), label_scheme="celebamask-hq-19"
    ).svg


def test_shards_are_read_in_order(tmp_path: Path, batch: Callable[..., Any]):
    source = data_sets.shards(tmp_path / "in", [2, 1])
    layout, entries = found(source)
    assert (layout, list(entries)) == (
        "webdataset",
        ["faces-0000/set/000000", "faces-0000/set/000001", "faces-0001/set/000002"],
    )
    assert all(entry.landmarks is None for entry in entries.values()), "the ages are no landmarks"
    run = batch(source / "faces-0000.tar", tmp_path / "out")
    assert (run.code, run.report["done"]) == (0, 2)
    assert (tmp_path / "out/svg/faces-0000/set/000001.svg").read_text() == expected_svg(1, with_points=False)
    assert not any(path.suffix in (".jpg", ".tar") for path in (tmp_path / "out").rglob("*"))


def test_members_of_a_sample_by_their_extensions(tmp_path: Path):
    members = {"a.jpg": 1, "a.png": 1, "a.landmarks.json": 1, "b.png": 1, "b.mask.png": 1, "c.cls": 1, "d.jpg": 1}
    members["e.png"] = 1
    with tarfile.open(tmp_path / "x.tar.gz", "w:gz") as archive:
        for name in members:
            info = tarfile.TarInfo(name)
            info.size = 1
            archive.addfile(info, io.BytesIO(b"1"))
    _, entries = found(tmp_path / "x.tar.gz")
    roles = {
        key: tuple(getattr(entry, role) and getattr(entry, role).name for role in ("photo", "labels", "landmarks"))
        for key, entry in entries.items()
    }
    assert roles == {
        "x/a": ("jpg", "png", "landmarks.json"),
        "x/b": ("png", "mask.png", None),
        "x/d": ("jpg", None, None),
        "x/e": ("png", None, None),
    }
    assert entries["x/d"].problem[0] == entries["x/e"].problem[0] == "map_required"


def test_a_cut_archive_yields_what_is_before_the_cut(tmp_path: Path, batch: Callable[..., Any]):
    source = data_sets.shards(tmp_path / "in", [3, 1])
    archive = source / "faces-0000.tar"
    content = archive.read_bytes()
    archive.write_bytes(content[: len(content) // 2])
    run = batch(source, tmp_path / "out")
    assert run.code == 3
    assert run.report["done"] >= 2
    assert (tmp_path / "out/svg/faces-0001/set/000003.svg").exists()
    (failure,) = run.report["failures"]
    assert (failure["code"], failure["field"]) == ("map_corrupt", "source")
    assert failure["source"].endswith("faces-0000.tar")


def test_members_cannot_leave_the_folder(tmp_path: Path, batch: Callable[..., Any]):
    (tmp_path / "in").mkdir()
    with tarfile.open(tmp_path / "in/evil.tar", "w") as archive:
        for suffix, content in (("jpg", data_sets.photo(0)), ("png", data_sets.label_map(0))):
            info = tarfile.TarInfo(f"../../../escaped.{suffix}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    assert batch(tmp_path / "in/evil.tar", tmp_path / "out").code == 0
    assert (tmp_path / "out/svg/evil/escaped.svg").exists()
    assert not list(tmp_path.glob("escaped*"))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("a/b", "a/b"),
        ("/etc/passwd", "etc/passwd"),
        ("..\\..\\x", "x"),
        ("C:/x", "C_/x"),
        ("a\0b\n", "a_b_"),
        ("", "face"),
        ("./..", "face"),
        ("nul. ", "nul"),
        ("ä" * 300, "ä" * 100),
    ],
)
def test_keys_are_safe_names(text: str, key: str):
    assert safe_key(text) == key


def test_a_coco_document_is_read_back(tmp_path: Path, batch: Callable[..., Any]):
    """Our own export of the photo's frame, traced again: regions and names are the same."""
    source = data_sets.pairs(tmp_path / "in", 3)
    first = batch(source, tmp_path / "first", "--outputs", "coco", "--frame", "image", "--crop", "none")
    assert first.code == 0
    run = batch(tmp_path / "first/coco/annotations.json", tmp_path / "out", "--images", str(source))
    assert (run.code, run.report["done"]) == (0, 3)
    document = json.loads((tmp_path / "first/coco/annotations.json").read_text())
    assert [image["file_name"] for image in document["images"]] == ["f000.jpg", "f001.jpg", "f002.jpg"]
    svg = (tmp_path / "out/svg/f001.svg").read_text()
    assert all(category["name"] in svg for category in document["categories"])
    layout, entries = found(tmp_path / "first/coco/annotations.json", images=str(source))
    assert layout == "coco"
    assert entries["f001"].photo.name == str(source / "f001.jpg")
    # Without the pictures the document's own size is enough.
    alone = batch(tmp_path / "first/coco/annotations.json", tmp_path / "alone")
    assert (alone.code, alone.report["done"]) == (0, 3)


def test_a_parquet_table_of_bytes(tmp_path: Path, batch: Callable[..., Any]):
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    rows = [
        {
            "image": {"bytes": data_sets.photo(number), "path": f"pictures/{number}.jpg"},
            "label": {"bytes": data_sets.label_map(number), "path": None},
            "landmarks": json.loads(data_sets.points(number)),
            "age": number,
        }
        for number in range(40)
    ]
    (tmp_path / "in").mkdir()
    parquet.write_table(arrow.Table.from_pylist(rows), tmp_path / "in/train-00000-of-00001.parquet")
    layout, entries = found(tmp_path / "in")
    assert (layout, len(entries)) == ("parquet", 40)
    assert list(entries)[3] == "train-00000-of-00001/pictures/3"
    run = batch(tmp_path / "in", tmp_path / "out", "--limit", "3")
    assert (run.code, run.report["done"]) == (0, 3)
    svg = (tmp_path / "out/svg/train-00000-of-00001/pictures/2.svg").read_text()
    assert svg == expected_svg(2, with_points=True)


def test_a_parquet_table_of_other_things(tmp_path: Path, batch: Callable[..., Any]):
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    (tmp_path / "in").mkdir()
    parquet.write_table(arrow.table({"text": ["a"], "label": [3]}), tmp_path / "in/a.parquet")
    run = batch(tmp_path / "in", tmp_path / "out")
    assert run.code == 1
    assert "its columns are text, label" in run.err
    (tmp_path / "in/a.parquet").write_bytes(b"PAR1 and no more")
    run = batch(tmp_path / "in", tmp_path / "out")
    assert run.code == 3
    assert run.report["failures"][0]["code"] == "map_corrupt"


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (["nowhere"], "source"),
        (["notes.txt"], "source"),
        (["list.json"], "source"),
        (["data", "--layout", "lapa"], "source"),
        (["data", "--layout", "celebamask-hq"], "source"),
        (["data", "--layout", "coco"], "source"),
        (["data", "--images", "data"], "images"),
    ],
)
def test_a_source_of_another_kind_is_an_error_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], field: str, batch: Callable[..., Any]
):
    monkeypatch.chdir(tmp_path)
    data_sets.pairs(tmp_path / "data", 1)
    data_sets.write(tmp_path / "notes.txt", b"x")
    data_sets.write(tmp_path / "list.json", b"[1]")
    run = batch(arguments[0], tmp_path / "out", *arguments[1:])
    assert run.code == 1
    assert run.err.startswith(f"facemask: {field}: ")
    assert run.err.count("\n") == 1


@pytest.mark.parametrize("layout", ["auto", "pairs", "webdataset", "parquet", "photos"])
def test_a_source_without_faces_is_one_sentence(tmp_path: Path, batch: Callable[..., Any], layout: str):
    data_sets.write(tmp_path / "in/LICENSE", b"none")
    run = batch(tmp_path / "in", tmp_path / "out", "--outputs", "svg,coco", "--layout", layout)
    assert (run.code, run.out) == (1, "")
    assert run.err.startswith(f"facemask: source: {tmp_path / 'in'} has no faces: no ")
    assert run.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_an_archive_and_a_document_without_faces(tmp_path: Path, batch: Callable[..., Any]):
    source = data_sets.shards(tmp_path / "in", [0])
    document = data_sets.write(tmp_path / "empty.json", b'{"images": [], "annotations": [], "categories": []}')
    for path, what in ((source, "sample"), (document, "image in a COCO document")):
        run = batch(path, tmp_path / "out")
        assert run.code == 1
        assert f"has no faces: no {what}" in run.err
