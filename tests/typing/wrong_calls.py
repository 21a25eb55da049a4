"""A program of a user with twelve wrong calls, whose lines end with `# wrong`, for type checkers to read."""

from pathlib import Path

import facemask
from facemask.types import Region

photo = Path("image.jpg").read_bytes()
labels = facemask.decode_label_map(Path("segmentation.png").read_bytes())
points = [[1.0, 2.0], [3.0, 4.0]]
mask = facemask.trace_face(labels, points)

facemask.trace_face(labels, points, crop="fase")  # wrong
facemask.trace_face("x", points)  # wrong
facemask.trace_face(labels="x", landmarks=points)  # wrong
facemask.trace_face(labels, "landmarks.json")  # wrong
facemask.trace_face(labels, points, image="photo.jpg")  # wrong
facemask.trace_face(labels, points, regions="lips")  # wrong
facemask.find_contours(labels, curve="bezier")  # wrong
facemask.trace_photo(photo, crops="face")  # wrong
mask.to_coco(segmentation="polygon")  # wrong
mask.regions[0]["areas"]  # wrong
next(facemask.trace_many([labels], style="fancy"))  # wrong
facemask.detect_faces(photo, tiles=3)  # wrong


def largest(regions: list[Region]) -> Region:
    return max(regions, key=lambda region: region["area"])


print(largest(mask.regions)["name"])
