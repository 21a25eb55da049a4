"""How the library is used, for mypy --strict to read. Run by test_typing.py; also a program that works."""

from typing import Any, assert_type

import facemask
import numpy as np
from numpy.typing import NDArray

labels = np.zeros((20, 20), np.uint8)
labels[5:15, 5:15] = 1

contours = facemask.find_contours(labels, tolerance=0.5, min_area=2, background=True)
assert_type(contours, dict[int, facemask.Contour])
facemask.find_contours(labels.astype(np.int64))
facemask.find_contours([[0, 1], [1, 1]])

contour = contours[1]
assert_type(contour.points, NDArray[np.float64])
assert_type(contour.offsets, NDArray[np.uint32])
assert_type(contour.rings(), list[NDArray[np.float64]])
assert_type(contour.polygons(), list[list[NDArray[np.float64]]])
assert_type(contour.area, float)


def trace(photo: NDArray[np.uint8], file: bytes, points: NDArray[np.float32]) -> None:
    mask = facemask.trace_face(labels, points, image=photo, embed_image="crop", image_size=(640, 480))
    assert_type(mask, facemask.FaceMask)
    facemask.trace_face(labels)
    facemask.trace_face(labels, [{"x": 1, "y": 2.5}], label_names={6: "nose"}, colors={"nose": "red"})
    facemask.trace_face(facemask.decode_label_map(file, palette=[(0, 0, 0), (255, 0, 0)]), points, image=file)
    assert_type(mask.svg, str)
    assert_type(mask.contours, dict[str, facemask.Contour])
    assert_type(mask.mask_contours, dict[str, list[list[list[float]]]])
    assert_type(mask.regions, list[dict[str, Any]])
    assert_type(mask.size, tuple[int, int])
    assert_type(mask.crop_from_image, tuple[float, float, float, float, float, float])
    assert_type(mask.roll_degrees, float)
    assert_type(mask.roll_from, str)
    assert_type(mask.roll_confidence, float)
    assert_type(mask.mirrored, bool)
    assert_type(mask.schemes, dict[str, Any])
    assert_type(mask.warnings, list[dict[str, str]])
    assert_type(mask.to_dict(), dict[str, Any])
    assert_type(facemask.decode_image(file), NDArray[np.uint8])


try:
    facemask.trace_face(labels)
except facemask.FacemaskError as error:
    assert_type(error.code, str)
    assert_type(error.field, str)
    assert_type(error.detail, str)
    known: bool = error.code in facemask.ERROR_CODES
assert_type(facemask.__version__, str)
