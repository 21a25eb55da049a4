"""Vulnerabilities of Python packages from an export of the OSV database, an archive or a folder of JSON files.

pip-audit queries them over HTTP on the loopback address, as it would query the online database.
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
    """Entries about packages of PyPI.

    Raises `ValueError` if there are none: with another file, every package would pass.
    """

    def __init__(self, path: Path) -> None:
        self._by_name: dict[str, list[Entry]] = {}
        self.entries = 0
        self.newest = ""
        for entry in _entries(path):
            names = {canonicalize_name(affected["package"]["name"]) for affected in _affected(entry)}
            for name in names:
                self._by_name.setdefault(name, []).append(entry)
            self.entries += bool(names)
            self.newest = max(self.newest, str(entry.get("modified", "")) if names else "")
        if not self.entries:
            raise ValueError(f"{path} has no entry about a package of PyPI")

    def matching(self, name: str, version: str) -> list[Entry]:
        """Entries that affect a version of a package; pip-audit ignores withdrawn ones."""
        known = self._by_name.get(canonicalize_name(name), [])
        return [
            entry
            for entry in known
            if any(
                is_affected(affected, version)
                for affected in _affected(entry)
                if canonicalize_name(affected["package"]["name"]) == canonicalize_name(name)
            )
        ]


def is_affected(affected: Entry, version: str) -> bool:
    """Whether a version is listed or lies in one of the ranges, by the rules of the OSV schema.

    A version that violates PEP 440 is compared with the list only.
    """
    if version in affected.get("versions", []):
        return True
    try:
        parsed = Version(version)
    except InvalidVersion:
        return False
    if any(_is_same(listed, parsed) for listed in affected.get("versions", [])):
        return True
    ranges = [each for each in affected.get("ranges", []) if each.get("type") == "ECOSYSTEM"]
    return any(_is_within(each.get("events", []), parsed) for each in ranges)


def _is_within(events: list[dict[str, str]], version: Version) -> bool:
    """Whether a version lies between an `introduced` and the next `fixed` (exclusive) or `last_affected` (inclusive).

    A range with a malformed bound contains nothing: then only the list of versions counts.
    """
    try:
        bounds = [
            (Version("0.dev0" if text == "0" else text), kind) for event in events for kind, text in event.items()
        ]
    except InvalidVersion:
        return False
    within = False
    for bound, kind in sorted(bounds):
        if kind == "introduced" and version >= bound:
            within = True
        elif (kind == "fixed" and version >= bound) or (kind == "last_affected" and version > bound):
            within = False
    return within


def _is_same(listed: str, version: Version) -> bool:
    try:
        return Version(listed) == version
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
def serve_osv(database: VulnerabilityDatabase) -> Iterator[str]:
    """URL of a server that implements OSV's `v1/query` for single versions, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found = database.matching(query["package"]["name"], query["version"])
            body = json.dumps({"vulns": found} if found else {}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
    finally:
        server.shutdown()
        server.server_close()
