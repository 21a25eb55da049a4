"""Label Studio output: the tasks of all faces, and the labeling config of their project."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from facemask.batch.outputs.json_array import write_array
from facemask.batch.outputs.protocol import Records, Rendered, TracedEntry
from facemask.batch.outputs.region_table import RegionTable, encode_regions
from facemask.batch.outputs.target import Target
from facemask.formats.annotation import label_studio
from facemask.formats.protocol import TracedFace


class LabelStudioTasks:
    """`label-studio/tasks.json` and `label-studio/config.xml`."""

    name = "label-studio"
    needs_crop = False

    def __init__(self, *, segmentation: str = "auto", classes: Sequence[str] | None = None) -> None:
        self._segmentation = segmentation
        self._classes = None if classes is None else list(classes)

    def describe(self) -> Mapping[str, Any]:
        """Return the options that its files depend on."""
        return {"segmentation": self._segmentation, "classes": self._classes}

    def render(self, face: TracedEntry) -> Rendered:
        """Return a record: the task, and the regions for the config."""
        task = label_studio.to_task(face.mask, segmentation=self._segmentation, image=face.picture)
        return Rendered(record=encode_regions(face.mask, task=task))

    def finish(self, target: Target, records: Records, suffix: str) -> Iterable[str]:
        """Write both files.

        Raises:
            FacemaskError: `format_impossible`, field `classes`, where faces have other names for one id.

        """
        tasks, config = f"label-studio/tasks{suffix}.json", f"label-studio/config{suffix}.xml"
        with target.stream(tasks) as file:
            write_array(file, (json.loads(record.content)["task"] for record in records()))
            file.write(b"\n")
        table = RegionTable.collect(records, has_classes=self._classes is not None)
        text = label_studio.to_config(cast(TracedFace, table), segmentation=self._segmentation, classes=self._classes)
        target.write(config, text.encode())
        return [tasks, config]
