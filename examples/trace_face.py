"""One face: an SVG beside the photo, and the regions as a table.

python examples/trace_face.py PHOTO LABEL_MAP LANDMARKS.json OUT.svg
"""

import json
import sys
from pathlib import Path

import facemask


def main(photo: str, label_map: str, landmarks: str, out: str) -> None:
    labels = facemask.decode_label_map(Path(label_map).read_bytes())
    points = json.loads(Path(landmarks).read_text(encoding="utf-8"))

    # `embed_image="crop"` puts the upright photo under the regions; without it the photo is not needed.
    face = facemask.trace_face(labels, points, image=Path(photo).read_bytes(), embed_image="crop", style="outline")
    Path(out).write_text(face.svg, encoding="utf-8")

    print(f"roll {face.roll_degrees:.1f} degrees, crop {face.size[0]} x {face.size[1]} pixels")
    for region in face.regions:
        print(f"{region['name']:>12}  area {region['area']:9.1f}  parts {region['parts']}  holes {region['holes']}")
    for warning in face.warnings:
        print("warning:", warning["code"], file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
