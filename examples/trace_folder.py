"""A folder of faces: NAME.jpg (or .png, .webp), NAME.map.png and NAME.json become NAME.svg.

    python examples/trace_folder.py FOLDER OUT_FOLDER

Threads are enough: the compiled core releases the interpreter lock while it works. A face that fails is listed with
the code and the field of its error, and the others go on.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import facemask


def trace(landmarks: Path, out: Path) -> str | None:
    """Write one drawing. Returns why it could not be made, or None."""
    name = landmarks.stem
    try:
        labels = facemask.decode_label_map((landmarks.parent / f"{name}.map.png").read_bytes())
        face = facemask.trace_face(labels, json.loads(landmarks.read_text(encoding="utf-8")))
    except facemask.FacemaskError as error:
        return f"{name}: {error.code} ({error.field}): {error.detail}"
    except (OSError, ValueError) as error:
        return f"{name}: {error}"
    (out / f"{name}.svg").write_text(face.svg, encoding="utf-8")
    return None


def main(folder: str, out_folder: str) -> int:
    out = Path(out_folder)
    out.mkdir(parents=True, exist_ok=True)
    files = sorted(Path(folder).glob("*.json"))
    with ThreadPoolExecutor() as pool:
        failures = [failure for failure in pool.map(lambda file: trace(file, out), files) if failure]
    print(f"{len(files) - len(failures)} of {len(files)} faces traced")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
