"""Outputs with a file for each face: drawings, label maps and crops."""

from collections.abc import Iterable, Mapping
from typing import Any

from facemask.batch.outputs.protocol import Records, Rendered, TracedEntry
from facemask.batch.outputs.target import Target
from facemask.formats import FORMATS, render


class FaceFiles:
    """An export format, a file for each face: `svg/KEY.svg`, `label-maps/KEY.png`."""

    needs_crop = False

    def __init__(self, name: str, format_name: str) -> None:
        self.name = name
        self._format = format_name
        self._suffix = FORMATS[format_name].suffix

    def describe(self) -> Mapping[str, Any]:
        """Return the options that its files depend on: none."""
        return {}

    def render(self, face: TracedEntry) -> Rendered:
        """Render a face."""
        return Rendered({f"{self.name}/{face.key}.{self._suffix}": render(self._format, face.mask)})

    def finish(self, target: Target, records: Records, suffix: str) -> Iterable[str]:  # noqa: ARG002
        """Write nothing: there is no file of all faces."""
        return ()


class CropFiles:
    """The upright crops of the photos, `crops/KEY.jpg`. A face without a photo has none."""

    name = "crops"
    needs_crop = True

    def describe(self) -> Mapping[str, Any]:
        """Return the options that its files depend on: none."""
        return {}

    def render(self, face: TracedEntry) -> Rendered:
        """Return the crop's file."""
        return Rendered({f"{self.name}/{face.key}.jpg": face.crop_jpeg} if face.crop_jpeg else {})

    def finish(self, target: Target, records: Records, suffix: str) -> Iterable[str]:  # noqa: ARG002
        """Write nothing: there is no file of all faces."""
        return ()
