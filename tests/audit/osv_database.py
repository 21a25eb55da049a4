"""Known faults of Python packages out of files, in the form that the OSV database exports: an archive or a folder of
JSON. pip-audit asks for them by HTTP, as it would ask the database itself, at this machine's loopback address.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from zipfile import BadZipFile, ZipFile

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

Entry = dict[str, Any]


class VulnerabilityDatabase:
    """The entries about packages of PyPI. Raises `ValueError` where there are none: a file of something else knows of
    no fault, and that would read like a good answer.
    """

    def __init__(self, path: Path) -> None:
        self._of: dict[str, list[Entry]] = {}
        self.entries = 0
        self.newest = ""
        for entry in _entries(path):
            names = {canonicalize_name(each["package"]["name"]) for each in _affected(entry)}
            for name in names:
                self._of.setdefault(name, []).append(entry)
            self.entries += bool(names)
            self.newest = max(self.newest, str(entry.get("modified", "")) if names else "")
        if not self.entries:
            raise ValueError(f"{path} has no entry about a package of PyPI")

    def of(self, name: str, version: str) -> list[Entry]:
        """The entries that say that this version of a package is at fault; pip-audit leaves withdrawn ones out."""
        known = self._of.get(canonicalize_name(name), [])
        return [
            entry
            for entry in known
            if any(
                is_affected(each, version)
                for each in _affected(entry)
                if canonicalize_name(each["package"]["name"]) == canonicalize_name(name)
            )
        ]


def is_affected(affected: Entry, version: str) -> bool:
    """Whether a version is listed, or lies in one of the ranges; the rules are those of the OSV schema. A version that
    is none by PEP 440 is looked for in the list only.
    """
    if version in affected.get("versions", []):
        return True
    try:
        asked = Version(version)
    except InvalidVersion:
        return False
    if any(_same(listed, asked) for listed in affected.get("versions", [])):
        return True
    ranges = [each for each in affected.get("ranges", []) if each.get("type") == "ECOSYSTEM"]
    return any(_is_within(each.get("events", []), asked) for each in ranges)


def _is_within(events: list[dict[str, str]], asked: Version) -> bool:
    """From each `introduced` to the next `fixed`, which is out, or `last_affected`, which is in. A range with a bound
    that is no version says nothing: then the list of versions has to.
    """
    try:
        bounds = [
            (Version("0.dev0" if text == "0" else text), kind) for event in events for kind, text in event.items()
        ]
    except InvalidVersion:
        return False
    within = False
    for bound, kind in sorted(bounds):
        if kind == "introduced" and asked >= bound:
            within = True
        elif (kind == "fixed" and asked >= bound) or (kind == "last_affected" and asked > bound):
            within = False
    return within


def _same(listed: str, asked: Version) -> bool:
    try:
        return Version(listed) == asked
    except InvalidVersion:
        return False


def _affected(entry: Entry) -> list[Entry]:
    return [each for each in entry.get("affected", []) if each.get("package", {}).get("ecosystem") == "PyPI"]


def _entries(path: Path) -> Iterator[Entry]:
    if path.is_dir():
        for file in sorted(path.rglob("*.json")):
            yield json.loads(file.read_bytes())
        return
    try:
        with ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".json"):
                    yield json.loads(archive.read(name))
    except (OSError, BadZipFile) as error:
        raise ValueError(f"{path} is neither a folder nor an archive: {error}") from error


@contextmanager
def serve_osv(faults: VulnerabilityDatabase) -> Iterator[str]:
    """The address of a server that answers questions about single versions, as OSV's `v1/query` does."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found = faults.of(asked["package"]["name"], asked["version"])
            body = json.dumps({"vulns": found} if found else {}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
    finally:
        server.shutdown()
        server.server_close()
