"""Hashes of everything that facemask outputs, and instruction counts of its hot path, to compare two trees.

    python benches/output_hashes --write FILE                    # before a redesign
    python benches/output_hashes --compare FILE                  # after it: prints each case that differs, exits with 1
    python benches/output_hashes --instructions --write FILE     # counts, by callgrind; some minutes
    python benches/output_hashes --instructions --compare FILE   # each count beside its old one, exits with 1 above 1 %

A file holds one line a case, `"group/case": sha256` or `"step": instructions`, sorted. Cases are points, path data,
SVG, tables and exports of the library; bodies and headers of the service, as a process sends them; its documents, names
of metrics and log events; the command line; errors; the digests of the cache. Ids, dates and durations are left out.
`--only GROUP ...` takes some groups (of both runs, where it compares), `--quick` a few cases of each.

Compare files of one machine and one environment only. Floats may differ in their last bits between processors and
system libraries; PNG pictures and texts of argparse differ between versions of resvg and Python. So no file is kept in
the repository. Pictures are in cases of their own (`png`, `drawn`): the SVG that they are drawn from has its own hash.

All of it is of the installed `facemask._core`: build it as a release before counting, `make` does.
`internals.py` has the only names that are not public.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from output_hashes import command_line, decoding, digests, instructions, library, library_errors, service
from output_hashes.comparison import compare_counts, compare_hashes
from output_hashes.library import Case

# Each group yields cases whose names begin with the group's.
GROUPS: Final[dict[str, Callable[..., Iterator[Case]]]] = {
    "contours": library.contours,
    "sample": library.sample_faces,
    "variants": library.variant_faces,
    "generated": library.generated_faces,
    "options": library.special_faces,
    "exports": library.exports,
    "png": library.rendered_png,
    "decoded": decoding.decoded_files,
    "errors": library_errors.errors,
    "digests": digests.digests,
    "command line": command_line.command_line,
    "service": service.service,
    "guarded": service.guarded_service,
}


def output_hashes(groups: list[str], *, quick: bool = False) -> dict[str, str]:
    """Run all cases of some groups and return their hashes by name."""
    hashes: dict[str, str] = {}
    for group in groups:
        started, before = time.monotonic(), len(hashes)
        for name, content in GROUPS[group](quick=quick):
            if name in hashes or not name.startswith(f"{group}/"):
                raise ValueError(f"a second case, or one of another group: {name}")
            hashes[name] = hashlib.sha256(content).hexdigest()
        seconds = time.monotonic() - started
        print(f"{group}: {len(hashes) - before} cases in {seconds:.0f} s", file=sys.stderr, flush=True)
    return hashes


def main(arguments: list[str] | None = None) -> int:
    """Write or compare; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", type=Path, metavar="FILE")
    action.add_argument("--compare", type=Path, metavar="FILE")
    parser.add_argument("--instructions", action="store_true", help="count instructions instead")
    parser.add_argument(
        "--only", nargs="+", choices=GROUPS, default=list(GROUPS), metavar="GROUP", help=", ".join(GROUPS)
    )
    parser.add_argument("--quick", action="store_true", help="a few cases of each group")
    parsed = parser.parse_args(arguments)
    found = instructions.counts() if parsed.instructions else output_hashes(parsed.only, quick=parsed.quick)
    if parsed.write is not None:
        parsed.write.parent.mkdir(parents=True, exist_ok=True)
        parsed.write.write_text(json.dumps(found, indent=0, sort_keys=True) + "\n", encoding="utf-8")
        print(f"{len(found)} cases written to {parsed.write}")
        return 0
    expected = json.loads(parsed.compare.read_text(encoding="utf-8"))
    if parsed.instructions:
        report, is_same = compare_counts(expected, found)
    else:
        kept = tuple(f"{group}/" for group in parsed.only)
        report, is_same = compare_hashes(
            {name: value for name, value in expected.items() if name.startswith(kept)}, found
        )
    print("\n".join(report))
    return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main())
