"""Arrays of points, of detection rows and of whole faces; tensors of other libraries as arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facemask.landmarks.coordinates import describe, refuse
from facemask.landmarks.faces import Faces, Points, Reader, to_points
from facemask.landmarks.flat_numbers import are_scores, is_flat_count, is_yunet, read_flat, yunet_points
from facemask.validation import LANDMARK_COUNTS

_YUNET_COLUMNS = 15
_MIN_HEATMAP_SIDE = 8

_EXPECTED = "must be an array of numbers of shape (n, 2)"
_BOXES = "holds boxes, which have no landmarks; call the detector's landmark model for the points of each face"


def read_array(array: NDArray[Any], path: str, read: Reader) -> Faces:
    """Read an array of one face or several, whose coordinates are not checked here.

    Accepts (n, 2), (n, 3), (n, 4) with visibility, (2, n), (faces, n, 2) and so on, flat x and y in turn, rows of
    YuNet, and structured arrays with fields x and y. Raises `landmarks_invalid`.
    """
    if array.size == 0:
        return Faces()
    if isinstance(array, np.ma.MaskedArray):
        array = _unmask(array, path)
    if array.dtype.names is not None:
        return _read_fields(array, array.dtype.names, path, read)
    if array.dtype.kind in "OU" and array.ndim > 0:
        return read(array.tolist(), path)
    if array.dtype.kind == "c":
        got = describe(array)
        raise refuse(path, f"{_EXPECTED}, got {got}; np.column_stack([z.real, z.imag]) makes them from numbers z")
    if array.dtype.kind not in "iuf":
        raise refuse(path, f"{_EXPECTED}, got {describe(array)}")
    while array.ndim > 2 and array.shape[0] == 1 and not _is_stack(array):
        array = array[0]
    if array.ndim == 1:
        return read_flat(array, path)
    if array.ndim == 2:
        return _read_matrix(array, path)
    return _read_stack(array, path)


def _unmask(array: np.ma.MaskedArray[Any, Any], path: str) -> NDArray[Any]:
    """Return the data of a masked array. Raises for a masked point: the numbers below a mask are invalid."""
    mask = np.ma.getmaskarray(array)[..., :2] if array.ndim >= 2 else np.ma.getmaskarray(array)
    if array.dtype.names is None and mask.any():
        index = int(np.argwhere(mask)[0][-2 if array.ndim >= 2 else -1])
        detail = "is masked, and every point must have coordinates; leave masked landmarks out altogether"
        raise refuse(f"{path}[{index}]", detail)
    return np.asarray(array.data)


def to_array(value: Any, path: str) -> NDArray[Any]:
    """Convert an array or tensor of another library, from any device. Raises `landmarks_invalid`."""
    attempts: tuple[Callable[[], Any], ...] = (
        lambda: np.asarray(value),
        lambda: value.detach().cpu().numpy(),
        lambda: value.detach().cpu().float().numpy(),  # bfloat16, which NumPy does not have
        lambda: value.get(),  # noqa: PLW0108 - most values have no such method
        lambda: np.from_dlpack(value),
    )
    for attempt in attempts:
        try:
            array = attempt()
        except Exception:  # noqa: BLE001, S112 - any library may fail in its own way; the last word is the error below
            continue
        if isinstance(array, np.ndarray) and (array.dtype != object or array.ndim > 0):
            return array
    kind = type(value).__name__
    raise refuse(path, f"{kind} cannot be converted to an array; np.array(value.tolist()) makes one of most types")


def is_array_like(value: object) -> bool:
    """Return whether a value offers its numbers by one of the array protocols."""
    protocols = ("__array__", "__array_interface__", "__dlpack__")
    return isinstance(value, memoryview) or any(getattr(value, name, None) is not None for name in protocols)


def _read_fields(array: NDArray[Any], names: tuple[str, ...], path: str, read: Reader) -> Faces:
    """Read a structured array with fields x and y."""
    by_name = {name.lower(): name for name in names}
    if not {"x", "y"} <= by_name.keys():
        detail = f"{_EXPECTED} or have fields x and y, got {len(names)} other fields"
        raise refuse(path, f"{detail}; np.column_stack([array[x_name], array[y_name]]) makes points of them")
    columns = [np.atleast_1d(array[by_name[axis]]) for axis in ("x", "y")]
    return read(np.stack(columns, axis=-1), path)


def _is_stack(array: NDArray[Any]) -> bool:
    """Return whether the last two axes are the points of a face."""
    return array.ndim == 3 and (array.shape[2] in (2, 3, 4) or _is_transposed(array[0]))


def _is_transposed(matrix: NDArray[Any]) -> bool:
    """Return whether the rows are all x and all y, and not one face each in flat numbers."""
    rows, columns = matrix.shape
    if columns in LANDMARK_COUNTS:
        return rows in (2, 3) and columns > rows
    return rows == 2 and columns > 4 and not _are_flat_rows(matrix)


def _are_flat_rows(matrix: NDArray[Any]) -> bool:
    """Return whether each row has as many numbers as a scheme has in pairs or in triples."""
    columns = matrix.shape[1]
    return any(columns % size == 0 and columns // size in LANDMARK_COUNTS for size in (2, 3))


def _read_stack(array: NDArray[Any], path: str) -> Faces:
    """Read an array with three axes or more."""
    if array.ndim == 3:
        if array.shape[1:] == (1, 2) and array.shape[0] in LANDMARK_COUNTS:  # as OpenCV stores points
            return Faces([to_points(array[:, 0])])
        if _is_stack(array):
            return Faces([_face_points(face, path) for face in array])
        if array.shape[0] in LANDMARK_COUNTS and min(array.shape[1:]) >= _MIN_HEATMAP_SIDE:
            detail = f"{describe_shape(array)} are heatmaps, one for each point, in pixels of the network's own output"
            code = "np.stack(np.unravel_index(maps.reshape(len(maps), -1).argmax(1), maps.shape[1:]), 1)[:, ::-1]"
            raise refuse(path, f"{detail}; {code} finds their peaks")
    raise refuse(path, f"{_EXPECTED}, got {describe(array)}")


def describe_shape(array: NDArray[Any]) -> str:
    """Describe an array by its shape."""
    return f"an array with shape {array.shape}"


def _read_matrix(matrix: NDArray[Any], path: str) -> Faces:
    """Read the points of one face, or one row of numbers for each face."""
    rows, columns = matrix.shape
    if columns in (2, 3):
        return Faces([to_points(matrix[:, :2])])
    if is_yunet(matrix):
        return Faces([yunet_points(row) for row in matrix], "pixel")
    if _are_boxes(matrix):
        raise refuse(path, f"{describe_shape(matrix)} {_BOXES}")
    if columns == 1 and is_flat_count(rows):
        return read_flat(matrix[:, 0], path)
    if columns == 4 or _is_transposed(matrix):
        return Faces([_face_points(matrix, path)])
    if columns == _YUNET_COLUMNS and are_scores(matrix[:, 4]):
        detail = "holds a box, a score and five points in each row"
        raise refuse(path, f"{detail}; array[:, 5:15].reshape(-1, 5, 2) takes the points")
    if rows == 1 or _are_flat_rows(matrix):
        faces = [read_flat(row, path) for row in matrix]
        return Faces([face.points[0] for face in faces], faces[0].units)
    raise refuse(path, f"{_EXPECTED}, got {describe(matrix)}")


def _face_points(matrix: NDArray[Any], path: str) -> Points:
    """Return the points of one face: (n, 2), (n, 3), (n, 4) with visibility, or (2, n)."""
    if matrix.shape[1] in (2, 3):
        return to_points(matrix[:, :2])
    if _is_transposed(matrix):
        return to_points(matrix[:2].T)
    if not are_scores(matrix[:, 3]):
        detail = f"{_EXPECTED}, (n, 3) or (n, 4) with a visibility from 0 to 1, got {describe_shape(matrix)}"
        raise refuse(path, f"{detail}; boxes have no landmarks")
    return to_points(matrix[:, :2])


def _are_boxes(matrix: NDArray[Any]) -> bool:
    """Return whether each row is a box: two corners, with a score or not."""
    if matrix.shape[1] not in (4, 5) or not np.all(matrix[:, 2:4] > matrix[:, :2]):
        return False
    if matrix.shape[1] == 4:
        return not are_scores(matrix[:, 3])
    return are_scores(matrix[:, 4])
