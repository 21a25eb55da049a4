"""What the command line prints and writes."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from output_hashes import internals
from output_hashes.faces import SAMPLE
from output_hashes.library import Case
from output_hashes.server import environment


def _run(*arguments: str, folder: Path, **settings: str) -> bytes:
    """Return exit code, standard output, standard error and written files."""
    for path in folder.iterdir():
        path.unlink()
    done = subprocess.run(
        [sys.executable, "-m", "facemask", *arguments],
        cwd=folder,
        env=environment(**settings),
        capture_output=True,
        check=False,
    )
    files = b"".join(path.name.encode() + b" " + path.read_bytes() for path in sorted(folder.iterdir()))
    printed = (done.stdout + b"\n--\n" + done.stderr).replace(str(SAMPLE).encode(), b"SAMPLE")
    return f"{done.returncode}\n".encode() + printed + b"\n--\n" + files


def command_line(*, quick: bool) -> Iterator[Case]:
    """Run every command, with good and with bad arguments."""
    photo, labels, points = (str(SAMPLE / name) for name in ("image.jpg", "segmentation.png", "landmarks.json"))
    sample = ["trace", photo, labels, points]
    commands: dict[str, list[str]] = {
        "schemes": ["schemes"],
        "help": ["--help"],
        "svg": sample,
        "contours": [*sample, "--contours", "out.json", "--regions", "zones"],
    }
    if not quick:
        commands |= {
            f"{name} help": [name, "--help"] for name in ("trace", "serve", "worker", "migrate", "schemes", "health")
        }
        schemes = [*internals.landmark_schemes(), *internals.label_schemes()]
        commands |= {f"schemes {name}": ["schemes", name] for name in schemes[::5]}
        commands |= {
            f"format {name}": [*sample, "--format", name, "-o", f"out.{name}"]
            for name in ("svg", "geojson", "coco", "yolo", "label-studio", "svg-plain")
        }
        commands |= {
            "unknown scheme": ["schemes", "x"],
            "version": ["--version"],
            "nothing": [],
            "no landmarks": ["trace", photo, labels],
            "options": [
                *sample,
                "--crop",
                "head",
                "--style",
                "numbered",
                "--colors",
                "nose=red",
                "--label-names",
                "1=x",
            ],
            "bad option": [*sample, "--crop", "Face"],
            "bad pair": [*sample, "--colors", "nose"],
            "bad tolerance": [*sample, "--tolerance", "-1"],
            "zones of an unknown scheme": [*sample, "--label-scheme", "custom", "--regions", "zones"],
            "no such file": ["trace", "none.jpg", labels],
            "map as photo": ["trace", labels, photo],
            "photo as landmarks": ["trace", photo, labels, photo],
            "not writable": [*sample, "-o", "none/out.svg"],
            "not ready": ["health", "--url", "http://127.0.0.1:9"],
            "bad port": ["serve", "--port", "70000"],
            "no worker": ["serve", "--no-database", "--no-worker"],
        }
    with TemporaryDirectory() as temporary:
        for name, arguments in commands.items():
            yield f"command line/{name}", _run(*arguments, folder=Path(temporary))
        settings = (
            {} if quick else {"JOB_WORKERS": "x", "LOG_FORMAT": "x", "CACHE_MODE": "all", "AUTH_API_KEYS": "short"}
        )
        for name, value in settings.items():
            arguments = ["serve", "--no-database", "--port", "0"]
            yield f"command line/setting {name}", _run(*arguments, folder=Path(temporary), **{name: value})
