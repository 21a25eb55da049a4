"""One face without a label map: the landmarks of a detector outline its regions.

python examples/landmarks_alone.py PHOTO LANDMARKS.json OUT.svg
"""

import json
import sys
from pathlib import Path

import facemask


def main(photo: str, landmarks: str, out: str) -> None:
    points = json.loads(Path(landmarks).read_text(encoding="utf-8"))

    # 478, 468, 106, 98 or 68 points. Without the photo, image_size=(width, height) is enough.
    face = facemask.trace_face(landmarks=points, image=Path(photo).read_bytes(), embed_image="crop", style="outline")
    Path(out).write_text(face.svg, encoding="utf-8")

    print(f"labels from {face.labels_from}, roll {face.roll_degrees:.1f} degrees")
    for region in face.regions:
        print(f"{region['name']:>12}  area {region['area']:9.1f}  {'in part a guess' if 'guessed' in region else ''}")
    for warning in face.warnings:
        print(warning["detail"], file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
