"""Small data sets in every layout, of synthetic faces at several angles."""

import io
import json
import tarfile
from functools import cache
from pathlib import Path

import numpy as np
from facemask.label_maps.files import PARTS
from numpy.typing import NDArray
from PIL import Image
from support import sample
from support.landmark_schemes import to_scheme
from support.synthetic_face import Face


@cache
def face(number: int) -> Face:
    return Face(angle=number * 37 % 360, scale=1.0, size=(150, 160))


@cache
def photo(number: int, suffix: str = "JPEG") -> bytes:
    stream = io.BytesIO()
    Image.fromarray(face(number).photo).save(stream, suffix)
    return stream.getvalue()


@cache
def label_map(number: int) -> bytes:
    return sample.encode_png(face(number).labels)


@cache
def points(number: int) -> bytes:
    return json.dumps(face(number).landmarks.tolist()).encode()


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def pairs(folder: Path, count: int, *, with_points: bool = True) -> Path:
    """`f000.jpg`, `f000.png` and, of every second face, `f000.json`."""
    for number in range(count):
        write(folder / f"f{number:03d}.jpg", photo(number))
        write(folder / f"f{number:03d}.png", label_map(number))
        if with_points and number % 2:
            write(folder / f"f{number:03d}.json", points(number))
    return folder


def split_folders(folder: Path, count: int) -> Path:
    """`train/images/0.jpg`, `train/labels/0.png`, `train/landmarks/0.json`."""
    for number in range(count):
        for name, content, suffix in (
            ("images", photo(number), "jpg"),
            ("labels", label_map(number), "png"),
            ("landmarks", points(number), "json"),
        ):
            write(folder / "train" / name / f"{number}.{suffix}", content)
    return folder


def shards(folder: Path, counts: list[int]) -> Path:
    """`faces-0000.tar` and so on, samples of `jpg`, `seg.png`, and `json` that is no landmarks."""
    number = 0
    for shard, count in enumerate(counts):
        folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(folder / f"faces-{shard:04d}.tar", "w") as archive:
            for _ in range(count):
                for suffix, content in (
                    ("jpg", photo(number)),
                    ("seg.png", label_map(number)),
                    ("json", b'{"age": 30}'),
                ):
                    info = tarfile.TarInfo(f"set/{number:06d}.{suffix}")
                    info.size = len(content)
                    archive.addfile(info, io.BytesIO(content))
                number += 1
    return folder


# The labels of `lapa-11`, which the synthetic face has, as parts of CelebAMask-HQ.
_PARTS = {1: "skin", 2: "r_brow", 3: "l_brow", 4: "r_eye", 5: "l_eye", 6: "nose", 7: "u_lip", 8: "mouth", 9: "l_lip",
          10: "hair"}  # fmt: skip


def celebamask(folder: Path, count: int) -> Path:
    """`CelebA-HQ-img/0.jpg` and `CelebAMask-HQ-mask-anno/0/00000_skin.png`."""
    assert set(_PARTS.values()) <= set(PARTS)
    for number in range(count):
        write(folder / "CelebA-HQ-img" / f"{number}.jpg", photo(number))
        for region, part in _PARTS.items():
            mask = (face(number).labels == region).astype(np.uint8) * 255
            # The parts of the data set overlap: skin lies below the others.
            if part == "skin":
                mask = ((face(number).labels >= 1) & (face(number).labels <= 9)).astype(np.uint8) * 255
            path = folder / "CelebAMask-HQ-mask-anno" / str(number // 2000) / f"{number:05d}_{part}.png"
            write(path, sample.encode_png(mask))
    return folder


def turned(number: int) -> sample.Copy:
    """The astronaut at another angle, whose map has the labels of LaPa."""
    return sample.copy(number * 41.0)


def lapa_points(number: int) -> NDArray[np.float64]:
    return to_scheme(turned(number).landmarks, "lapa-106").round(3)


def lapa(folder: Path, count: int) -> Path:
    """`train/images/0.jpg`, `train/labels/0.png`, and `train/landmarks/0.txt` of 106 lines under their number."""
    for number in range(count):
        stream = io.BytesIO()
        turned(number).photo.save(stream, "JPEG", quality=60)
        rows = "".join(f"{x} {y}\n" for x, y in lapa_points(number).tolist())
        write(folder / f"train/images/{number}.jpg", stream.getvalue())
        write(folder / f"train/labels/{number}.png", sample.encode_png(turned(number).labels))
        write(folder / f"train/landmarks/{number}.txt", f"106\n{rows}".encode())
    return folder


def files_below(folder: Path) -> dict[str, bytes]:
    """Content of each file by path, without journal and report, which hold times."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in paths
        if not path.name.startswith(("journal", "report"))
    }
