"""COCO output: one document of all faces, written face by face."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from facemask.batch.outputs.json_array import write_encoded
from facemask.batch.outputs.protocol import Records, Rendered, TracedEntry
from facemask.batch.outputs.target import Target
from facemask.formats.annotation import coco
from facemask.formats.json import encode_json
from facemask.types.exports import CocoCategory

# Ids of annotations: a face has at most 255 regions, so a face's ids do not depend on the other faces.
IDS_PER_FACE = 256
_IDS: Final = ("id", "image_id", "category_id")
_MAX_LISTS: Final = 1000


class CocoDataset:
    """`coco/annotations.json`. The id of an image is its position in the source plus 1."""

    name = "coco"
    needs_crop = False

    def __init__(self, segmentation: str = "auto", keypoints: str = "none") -> None:
        self._options: dict[str, Any] = {"segmentation": segmentation, "keypoints": keypoints}

    def describe(self) -> Mapping[str, Any]:
        """Return the options that its file depends on."""
        return self._options

    def render(self, face: TracedEntry) -> Rendered:
        """Return a record: image and info on a line, the categories on one, and each annotation on one.

        An annotation begins with the id of its category, and its JSON lacks ids: `finish` writes it as it is, because
        to decode and encode run lengths would take a tenth of the time of a face, in one thread.
        """
        document = coco.to_dataset(face.mask, **self._options, file_name=face.picture)
        lines = [encode_json({"image": document["images"][0], "info": document["info"]})]
        lines.append(encode_json(document["categories"]))
        for annotation in document["annotations"]:
            rest = {name: value for name, value in annotation.items() if name not in _IDS}
            lines.append(b"%d %s" % (annotation["category_id"], encode_json(rest)))
        return Rendered(record=b"\n".join(lines))

    def finish(self, target: Target, records: Records, suffix: str) -> Iterable[str]:
        """Write the document. Categories of one name are one, as in `facemask.to_coco_dataset`."""
        path = f"coco/annotations{suffix}.json"
        categories = _Categories()
        info: dict[str, Any] = {"description": "", "regions_left_out": 0}

        def images() -> Iterator[bytes]:
            for record in records():
                head = json.loads(record.content.partition(b"\n")[0])
                info["description"] = head["info"]["description"]
                info["regions_left_out"] += head["info"]["regions_left_out"]
                yield encode_json({**head["image"], "id": record.position + 1})

        def annotations() -> Iterator[bytes]:
            for record in records():
                _, own_categories, *lines = record.content.split(b"\n")
                ids = categories.merge(own_categories)
                for number, line in enumerate(lines, record.position * IDS_PER_FACE + 1):
                    category, _, rest = line.partition(b" ")
                    values = (number, record.position + 1, ids[int(category)], rest[1:])
                    yield b'{"id":%d,"image_id":%d,"category_id":%d,%s' % values

        with target.stream(path) as file:
            file.write(b'{"images":')
            write_encoded(file, images())
            file.write(b',\n"annotations":')
            write_encoded(file, annotations())
            file.write(b',\n"categories":' + encode_json(list(categories.by_name.values())))
            file.write(b',\n"info":' + encode_json(info) + b"}\n")
        return [path]


class _Categories:
    """The categories of a data set by name, and the lists that have been merged, most of which are alike."""

    def __init__(self) -> None:
        self.by_name: dict[str, CocoCategory] = {}
        self._merged: dict[bytes, dict[int, int]] = {}

    def merge(self, encoded: bytes) -> dict[int, int]:
        """Merge the categories of a face, a list in JSON, and return the ids in the data set by those of the face."""
        ids = self._merged.get(encoded)
        if ids is None:
            if len(self._merged) >= _MAX_LISTS:
                self._merged.clear()
            ids = {each["id"]: coco.merge_category(self.by_name, each) for each in json.loads(encoded)}
            self._merged[encoded] = ids
        return ids
