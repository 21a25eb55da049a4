"""The same landmarks in every form of file that is read."""

import io
import json
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from support import landmark_schemes

Points = NDArray[np.float64]


def rows(points: Points, separator: str = " ") -> str:
    """Lines of x and y."""
    return "".join(f"{x!r}{separator}{y!r}\n" for x, y in points.tolist())


def npy(array: NDArray[np.generic]) -> bytes:
    """An array as `numpy.save` writes it."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def flat(points: Points) -> str:
    """All coordinates in one line."""
    return " ".join(repr(number) for number in points.ravel().tolist())


def openface(points: Points, lines: int = 1) -> str:
    """A table of OpenFace for a picture, with columns that are no landmarks of the picture; each line is a face."""
    numbers = range(len(points))
    names = ["face", "confidence", "gaze_0_x", *(f"x_{i}" for i in numbers), *(f"y_{i}" for i in numbers)]
    names += [f"{axis}_{i}" for axis in "XYZ" for i in numbers]
    cells = [0, 0.98, 0.1, *points[:, 0].tolist(), *points[:, 1].tolist(), *[7.5] * (3 * len(points))]
    line = ", ".join(map(str, cells))
    return "\n".join([", ".join(names), *[line] * lines]) + "\n"


def imglab(points: Points) -> str:
    """XML of dlib's imglab. Its parts are in the order of their names as text, as dlib writes them."""
    coordinates = points.tolist()
    names = sorted(range(len(coordinates)), key=str)
    parts = "".join(f"      <part name='{i}' x='{coordinates[i][0]}' y='{coordinates[i][1]}'/>\n" for i in names)
    box = f"    <box top='1' left='2' width='30' height='40'>\n      <label>face</label>\n{parts}    </box>\n"
    head = "<?xml version='1.0' encoding='ISO-8859-1'?>\n<?xml-stylesheet type='text/xsl' href='i.xsl'?>\n"
    return f"{head}<dataset>\n<images>\n  <image file='a.jpg'>\n{box}  </image>\n</images>\n</dataset>\n"


def cvat(points: Points) -> str:
    """XML of CVAT for images 1.1: a skeleton whose points are labeled by number, in no order."""
    coordinates = points.tolist()
    parts = "".join(
        f'    <points label="{i + 1}" source="manual" outside="0" occluded="0" points="{x!r},{y!r}"></points>\n'
        for i, (x, y) in reversed(list(enumerate(coordinates)))
    )
    image = f'  <image id="0" name="a.jpg" width="9" height="9">\n  <skeleton label="face">\n{parts}  </skeleton>\n'
    meta = "<meta><job><labels><label><name>face</name></label></labels></job></meta>"
    return f'<?xml version="1.0"?>\n<annotations>\n<version>1.1</version>\n{meta}\n{image}  </image>\n</annotations>\n'


# The center of the first pixel is (1, 1) in a .pts file, and (0.5, 0.5) in the image frame.
FORMS: dict[str, Callable[[Points], str | bytes]] = {
    "pts": lambda p: f"version: 1\nn_points:  {len(p)}\n{{\n{rows(p + 0.5)}}}\n",
    "pts of Windows": lambda p: f"version: 1\nn_points: {len(p)}\n{{\n{rows(p + 0.5)}}}".replace("\n", "\t\r\n"),
    "a line with a name": lambda p: f"a.jpg {flat(p)}\n",
    "a count and rows": lambda p: f"{len(p)}\n{rows(p)}",
    "a name and rows": lambda p: f"100032540_1\n{rows(p, ' , ')}",
    "rows": rows,
    "rows with commas and comments": lambda p: f"# x, y\n{rows(p, ', ')}",
    "numbered rows": lambda p: "".join(f"{i} {x!r} {y!r}\n" for i, (x, y) in enumerate(p.tolist())),
    "rows in UTF-16": lambda p: rows(p).encode("utf-16"),
    "one line": flat,
    "CSV": lambda p: f"x,y\n{rows(p, ',')}",
    "CSV with a byte order mark": lambda p: f"x,y\n{rows(p, ',')}".encode("utf-8-sig"),
    "CSV of a German spreadsheet": lambda p: f"X;Y\r\n{rows(p, ';')}".replace(".", ","),
    "OpenFace": openface,
    "two faces of OpenFace": lambda p: openface(p, lines=2),
    "MATLAB": lambda p: f"pts = [{rows(p).strip()}];".replace("\n", "; "),
    "NumPy, printed": lambda p: np.array2string(p, floatmode="unique", max_line_width=10_000, threshold=10_000),
    "npy": npy,
    "npy, columns in memory": lambda p: npy(np.asfortranarray(p)),
    "npy, big-endian": lambda p: npy(p.astype(">f8")),
    "npy, x above y": lambda p: npy(np.ascontiguousarray(p.T)),
    "npy, two faces": lambda p: npy(np.stack([p, p[::-1]])),
    "dlib's imglab": imglab,
    "CVAT": cvat,
    "JSON": lambda p: json.dumps(p.tolist()),
    "JSON with a byte order mark": lambda p: json.dumps(p.tolist()).encode("utf-8-sig"),
    "JSON in UTF-16": lambda p: json.dumps(p.tolist()).encode("utf-16"),
}


def wflw_line(points: Points) -> str:
    """A line of WFLW of MediaPipe's 478 points: 98 points, box, six attributes, name."""
    return f"{flat(landmark_schemes.wflw_98(points))} 10 20 300 400 0 1 0 0 1 0 37--Soccer/37_Soccer_1.jpg\n"


def lapa_text(points: Points) -> str:
    """A text of LaPa of MediaPipe's 478 points."""
    return f"106\n{rows(landmark_schemes.lapa_106(points))}"
