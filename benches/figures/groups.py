"""All groups of figures by name; each measures one curve."""

from collections.abc import Callable, Iterator

from bounds import BoundedValue

from figures.coverage import coverage, hairlines
from figures.exactness import exactness
from figures.face_copies import drawings, zones
from figures.flicker import flicker
from figures.landmark_labels import landmark_labels
from figures.measuring import areas, symmetries
from figures.output_sizes import sizes
from figures.shapes import ellipses, lines_and_corners

GROUPS: dict[str, Callable[[str], Iterator[BoundedValue]]] = {
    "exactness": exactness,
    "coverage": coverage,
    "hairlines": hairlines,
    "ellipses": ellipses,
    "lines and corners": lines_and_corners,
    "areas": areas,
    "symmetries": symmetries,
    "sizes": sizes,
    "zones": zones,
    "drawings": drawings,
    "landmark labels": landmark_labels,
    "flicker": flicker,
}
