"""All groups of figures, by name: each takes a curve and gives its figures."""

from collections.abc import Callable, Iterator

from figures.coverage import coverage, hairlines
from figures.exactness import exactness
from figures.face_copies import drawings, zones
from figures.figure import Figure
from figures.output_sizes import sizes
from figures.shapes import ellipses, lines_and_corners

GROUPS: dict[str, Callable[[str], Iterator[Figure]]] = {
    "exactness": exactness,
    "coverage": coverage,
    "hairlines": hairlines,
    "ellipses": ellipses,
    "lines and corners": lines_and_corners,
    "sizes": sizes,
    "zones": zones,
    "drawings": drawings,
}
