"""The regions of many faces by id: names, colors, and whether the faces agree on them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from facemask.batch.outputs.protocol import Records
from facemask.face_mask import FaceMask
from facemask.formats.json import encode_json
from facemask.validation import make_error


def regions_record(mask: FaceMask) -> dict[str, list[str]]:
    """Return name and color of each region of a face by id."""
    colors = mask.colors
    return {str(region["id"]): [region["name"], colors[str(region["id"])]] for region in mask.regions}


def encode_regions(mask: FaceMask, **more: Any) -> bytes:
    """Return a record with the regions of a face."""
    return encode_json({"regions": regions_record(mask), **more})


@dataclass(slots=True)
class RegionTable:
    """The regions of a data set, in the form in which an export format takes those of a face.

    Attributes:
        names: name of each region by id.
        colors: color of each region by id as text.

    """

    names: dict[int, str] = field(default_factory=dict)
    colors: dict[str, str] = field(default_factory=dict)

    @property
    def regions(self) -> list[Mapping[str, Any]]:
        """Regions by ascending id."""
        return [{"id": region, "name": self.names[region]} for region in sorted(self.names)]

    def add(self, regions: Mapping[str, list[str]], key: str) -> None:
        """Add the regions of a face.

        Raises:
            FacemaskError: `format_impossible`, field `classes`, where an id has two names: a class would have both.

        """
        for text, (name, color) in regions.items():
            known = self.names.setdefault(int(text), name)
            if known != name:
                detail = f"region {text} is called {known!r}, and {name!r} in {key}; name the classes: --classes"
                raise make_error("format_impossible", "classes", detail)
            self.colors.setdefault(text, color)

    @classmethod
    def collect(cls, records: Records, *, has_classes: bool) -> "RegionTable":
        """Return the regions of all faces. With given classes two names of an id are none of our business."""
        table = cls()
        for record in records():
            regions = json.loads(record.content)["regions"]
            if has_classes:
                regions = {text: value for text, value in regions.items() if int(text) not in table.names}
            table.add(regions, record.key)
        return table
