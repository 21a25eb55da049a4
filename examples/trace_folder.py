"""A folder of faces: NAME.jpg (or .png, .webp), NAME.map.png and NAME.json become NAME.svg.

    python examples/trace_folder.py FOLDER OUT_FOLDER

`facemask batch FOLDER -o OUT_FOLDER` does the same, with more outputs, and goes on where it was interrupted. This is
the loop for a program of your own: `trace_many` traces in threads, and a face that fails is a value with the code and
the field of its error, while the others go on.
"""

import sys
from pathlib import Path

import facemask


def main(folder: str, out_folder: str) -> int:
    out = Path(out_folder)
    out.mkdir(parents=True, exist_ok=True)
    files = sorted(Path(folder).glob("*.json"))
    items = ({"labels": file.with_suffix(".map.png"), "landmarks": file, "source": file.stem} for file in files)
    failed = 0
    for result in facemask.trace_many(items):
        if isinstance(result, facemask.Failure):
            failed += 1
            print(f"{result.source}: {result.code} ({result.field}): {result.detail}", file=sys.stderr)
        else:
            (out / f"{result.source}.svg").write_text(result.mask.svg, encoding="utf-8")
    print(f"{len(files) - failed} of {len(files)} faces traced")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
