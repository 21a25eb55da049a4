"""`plot` and `overlay` with matplotlib: what is drawn, pixel by pixel, and what a missing matplotlib says."""

from __future__ import annotations

import base64
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import facemask
import matplotlib as mpl
import numpy as np
import pytest
from facemask import FaceMask, FacemaskError
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import PathPatch
from PIL import Image
from support.paths import PHOTO_FILE
from support.synthetic_face import Face

mpl.use("agg")
FACE = Face(angle=20)


@pytest.fixture(autouse=True)
def _no_figure_stays() -> Iterator[None]:
    yield
    plt.close("all")


def trace(**options: Any) -> FaceMask:
    return facemask.trace_face(FACE.labels, FACE.landmarks, **options)


def axes_of(size: tuple[int, int]) -> Axes:
    """Axes whose data are the pixels of their figure."""
    figure = plt.figure(figsize=(size[0] / 100, size[1] / 100), dpi=100)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    return axes


def pixels_of(axes: Axes) -> np.ndarray:
    """Drawn pixels, uint8 (height, width, 3)."""
    axes.figure.canvas.draw()  # type: ignore[attr-defined]
    return np.asarray(axes.figure.canvas.buffer_rgba())[..., :3]  # type: ignore[attr-defined]


def test_regions_cover_the_pixels_of_their_labels_and_holes_are_open():
    mask = trace(crop="none")
    axes = mask.plot(axes_of(mask.size), alpha=1.0, linewidth=0)
    a, b, c, d, e, f = mask.crop_from_image
    drawn = pixels_of(axes)
    labels, colors = FACE.labels, mask.colors
    height, width = labels.shape
    rows, columns = (grid.ravel() for grid in np.mgrid[3 : height - 3 : 5, 3 : width - 3 : 5])
    checked = 0
    for row, column in zip(rows, columns, strict=True):
        around = labels[row - 3 : row + 4, column - 3 : column + 4]
        if (around != around[0, 0]).any():
            continue  # near a border
        x, y = a * (column + 0.5) + b * (row + 0.5) + c, d * (column + 0.5) + e * (row + 0.5) + f
        label = str(labels[row, column])
        expected = (1.0, 1.0, 1.0) if label == "0" else to_rgb(colors[label])
        assert drawn[int(y), int(x)] / 255 == pytest.approx(expected, abs=0.01), (row, column)
        checked += 1
    assert checked > 4000


def test_axes_run_down_and_end_with_the_frame():
    mask = trace()
    axes = mask.plot()
    assert (axes.get_xlim(), axes.get_ylim()) == ((0, mask.size[0]), (mask.size[1], 0))
    assert axes.get_aspect() == 1.0
    patches = [patch for patch in axes.patches if isinstance(patch, PathPatch)]
    assert [patch.get_label() for patch in patches] == [region["name"] for region in mask.regions]
    assert len({axes.figure, mask.plot().figure}) == 2, "each plot without axes has a figure of its own"


def test_colours_are_those_of_the_drawing():
    mask = trace(colors={"nose": "teal", 10: "#123"}, regions=["nose", "hair", "lips"])
    assert mask.colors["6"] == "#008080"
    drawn = dict(re.findall(r'data-region="(\d+)" data-name="\w+" fill="(#\w+)"', mask.svg))
    assert mask.colors == drawn
    for patch, color in zip(mask.plot().patches, mask.colors.values(), strict=False):
        assert patch.get_gid() in {f"region-{key}" for key in mask.colors}
        assert color.startswith("#")
    by_id = {patch.get_gid(): patch for patch in mask.plot(alpha=0.25).patches}
    assert by_id["region-6"].get_facecolor() == pytest.approx((*to_rgb("teal"), 0.25))
    assert by_id["region-6"].get_edgecolor() == pytest.approx((*to_rgb("teal"), 1.0))
    assert mask.plot(linewidth=0).patches[0].get_edgecolor()[3] == 0.0


@pytest.mark.parametrize("angle", [0.0, 20.0, 180.0, -90.0])
def test_the_photo_lies_below_as_in_the_embedded_crop(angle: float):
    face = Face(angle=angle, size=(300, 310), scale=1.8)
    photo = np.asarray(Image.open(PHOTO_FILE).convert("RGB").resize(face.size))
    options: dict[str, Any] = {"image": photo, "crop": "head"}
    mask = facemask.trace_face(face.labels, face.landmarks, **options)
    embedded = facemask.trace_face(face.labels, face.landmarks, embed_image="crop", **options).svg
    data = re.search(r"base64,([A-Za-z0-9+/=]+)", embedded)
    assert data is not None
    crop = np.asarray(Image.open(io.BytesIO(base64.b64decode(data[1]))).convert("RGB")).astype(float)
    drawn = pixels_of(mask.overlay(axes_of(mask.size), alpha=0.0, linewidth=0)).astype(float)
    assert drawn.shape == crop.shape
    difference = np.abs(drawn - crop)[4:-4, 4:-4].mean()
    shifted = np.abs(drawn[:, 2:] - crop[:, :-2])[4:-4, 4:-4].mean()
    assert difference < 4.0
    assert difference < 0.7 * shifted, "a shift of two pixels is seen"


def test_an_overlay_takes_the_photo_that_was_traced_or_one_given():
    mask = trace(image=FACE.photo)
    assert len(mask.overlay().images) == 1
    assert len(mask.plot().images) == 0
    png = io.BytesIO()
    Image.fromarray(FACE.photo).save(png, "PNG")
    for photo in (FACE.photo, png.getvalue()):
        axes = trace().overlay(photo=photo)
        assert np.array_equal(axes.images[0].get_array(), FACE.photo)
    with pytest.raises(FacemaskError) as info:
        trace().overlay()
    assert (info.value.code, info.value.field) == ("option_invalid", "photo")


def test_a_legend_and_names():
    mask = trace(regions=["lips", "nose"], label_names={6: "$nose_x$"})
    axes = mask.plot(legend=True, names=True)
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["$nose_x$", "lips"]
    points = {text.get_text(): text.get_position() for text in axes.texts}
    assert points == {region["name"]: tuple(region["label_point"]) for region in mask.regions}
    axes.figure.canvas.draw()  # type: ignore[attr-defined]
    assert mask.plot().get_legend() is None


def test_nothing_selected_is_an_empty_plot():
    axes = trace(regions=["hat"]).plot(legend=True, names=True)
    assert list(axes.patches) == []


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"alpha": 1.5}, "alpha"),
        ({"alpha": "x"}, "alpha"),
        ({"linewidth": -1}, "linewidth"),
        ({"linewidth": float("inf")}, "linewidth"),
        ({"legend": 1}, "legend"),
        ({"names": "yes"}, "names"),
        ({"photo": np.zeros((4, 4))}, "photo"),
    ],
)
def test_wrong_arguments_are_told(arguments: dict[str, Any], field: str):
    with pytest.raises(FacemaskError) as info:
        trace().plot(**arguments)
    assert info.value.field == field


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_vector_files_can_be_written(kind: str, tmp_path: Path):
    mask = trace(image=FACE.photo)
    target = tmp_path / f"face.{kind}"
    mask.overlay(legend=True).figure.savefig(target)
    assert target.stat().st_size > 5000
    if kind == "svg":
        text = target.read_text(encoding="utf-8")
        assert all(f'id="region-{key}"' in text for key in mask.colors)


def test_matplotlib_is_no_dependency():
    code = """
import sys
sys.modules["matplotlib"] = None
import numpy as np, facemask
labels = np.zeros((60, 60), np.uint8)
labels[10:50, 10:50] = 1
points = [[24.0, 25.0], [36.0, 25.0], [30.0, 31.0], [25.0, 38.0], [35.0, 38.0]]
mask = facemask.trace_face(labels, points, crop="none", label_scheme="custom")
for draw in (mask.plot, lambda: mask.overlay(photo=np.zeros((60, 60, 3), np.uint8))):
    try:
        draw()
    except ImportError as error:
        print(error)
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert out.splitlines() == ["plots need matplotlib: pip install matplotlib"] * 2


def test_a_photo_for_axes_and_a_wrong_photo_are_told():
    mask = trace()
    with pytest.raises(
        FacemaskError, match=r"axes of a figure of matplotlib, got array.*the photo is photo="
    ) as caught:
        mask.plot(FACE.photo)  # type: ignore[arg-type]
    assert caught.value.field == "ax"
    for photo in (np.zeros((3, 3)), b"GIF89a", str(PHOTO_FILE)):
        with pytest.raises(FacemaskError) as caught:
            mask.plot(photo=photo)
        assert (caught.value.code, caught.value.field) == ("image_unsupported", "photo")
    assert "Path(path).read_bytes() reads a file" in caught.value.detail
