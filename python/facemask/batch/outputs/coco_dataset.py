"""COCO output: one document of all faces, written face by face."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from facemask.batch.outputs.json_array import write_array
from facemask.batch.outputs.protocol import Records, Rendered, TracedEntry
from facemask.batch.outputs.target import Target
from facemask.formats.annotation import coco
from facemask.formats.json import encode_json
from facemask.types.exports import CocoCategory

# Ids of annotations: a face has at most 255 regions, so a face's ids do not depend on the other faces.
IDS_PER_FACE = 256


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
        """Return a record: the COCO data set of this face alone, its image and what else on a line each."""
        document = coco.to_dataset(face.mask, **self._options, file_name=face.picture)
        head = {"image": document["images"][0], "info": document["info"]}
        rest = {"categories": document["categories"], "annotations": document["annotations"]}
        return Rendered(record=encode_json(head) + b"\n" + encode_json(rest))

    def finish(self, target: Target, records: Records, suffix: str) -> Iterable[str]:
        """Write the document. Categories of one name are one, as in `facemask.to_coco_dataset`."""
        path = f"coco/annotations{suffix}.json"
        categories: dict[str, CocoCategory] = {}
        info: dict[str, Any] = {"description": "", "regions_left_out": 0}

        def images() -> Iterator[dict[str, Any]]:
            for record in records():
                head = json.loads(record.content.partition(b"\n")[0])
                info["description"] = head["info"]["description"]
                info["regions_left_out"] += head["info"]["regions_left_out"]
                yield {**head["image"], "id": record.position + 1}

        def annotations() -> Iterator[dict[str, Any]]:
            for record in records():
                rest = json.loads(record.content.partition(b"\n")[2])
                ids = {each["id"]: coco.merge_category(categories, each) for each in rest["categories"]}
                first = record.position * IDS_PER_FACE + 1
                for number, annotation in enumerate(rest["annotations"], first):
                    category = ids[annotation["category_id"]]
                    yield {**annotation, "id": number, "image_id": record.position + 1, "category_id": category}

        with target.stream(path) as file:
            file.write(b'{"images":')
            write_array(file, images())
            file.write(b',\n"annotations":')
            write_array(file, annotations())
            file.write(b',\n"categories":' + encode_json(list(categories.values())))
            file.write(b',\n"info":' + encode_json(info) + b"}\n")
        return [path]
