"""Cache entries, hits, and the protocol of a cache."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

from facemask.service.cache.settings import CacheSettings

# Nothing in front of it comes from a client.
_SVG: Final = b'"svg":"'
_CONTOURS: Final = b'"mask_contours":'
_REGIONS: Final = b'"regions":'


def svg_of(body: bytes) -> bytes:
    """Return the SVG in the response body of a completed job, or in its tail.

    It is decoded only when requested.
    """
    start = body.index(_SVG) + len(_SVG)
    return b64decode(memoryview(body)[start : body.index(b'"', start)])


# The fields of a completed job that a client may leave out: the large ones.
OMITTABLE: Final = ("svg", "mask_contours")


def without_fields(body: bytes, omitted: Collection[str]) -> bytes:
    """Return the response body of a completed job without fields of `OMITTABLE`, which follow each other in it."""
    # The SVG is base64 and the contours are numbers, so neither holds the name of the field behind it.
    svg = body.index(_SVG)
    contours = body.index(_CONTOURS, svg)
    rest = body.index(_REGIONS, contours)
    kept = [b"" if "svg" in omitted else body[svg:contours], b"" if "mask_contours" in omitted else body[contours:rest]]
    return b"".join((body[:svg], *kept, body[rest:]))


@dataclass(frozen=True, slots=True)
class SharedResponse:
    """The part of a response that jobs with the same input share.

    `tail` is the JSON behind the job's own fields.
    """

    tail: bytes
    etag: str
    format: str

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.tail)


@dataclass(frozen=True, slots=True)
class SimilarityKey:
    """What a similar input is found by.

    `scope` is that of the input's `Fingerprint`: only inputs with the same result share it. `phash` is the photo's
    hash, 64 bits; None where the photo was not decoded.
    """

    scope: bytes
    phash: int | None = None


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A response under the digest of its input, with its similarity key.

    `request` is the digest of the request's bytes, empty where repeated requests are not looked up.
    """

    digest: bytes
    response: SharedResponse
    similarity: SimilarityKey | None = None
    request: bytes = b""


@dataclass(frozen=True, slots=True)
class CacheHit:
    """A cached response.

    `distance` is that of the photos' hashes, None when the input is equal.
    """

    digest: bytes
    response: SharedResponse
    distance: int | None = None


@dataclass(frozen=True, slots=True)
class SimilarityCandidate:
    """The digest of an entry in a scope, and the hash of its decoded photo."""

    digest: bytes
    phash: int | None


@dataclass(slots=True)
class CacheCounters:
    """Lookups by result."""

    exact: int = 0
    similar: int = 0
    miss: int = 0


@runtime_checkable
class Cache(Protocol):
    """A store of responses. Lookups never fail: an unavailable store has no entries."""

    settings: CacheSettings
    counters: CacheCounters

    def certainly_missing(self, digest: bytes) -> bool:
        """Return whether both tiers miss this digest for certain, without I/O.

        Called in any thread.
        """

    async def find_exact(self, digest: bytes) -> CacheHit | None:
        """Return the response to exactly this input."""

    async def find_in_scope(self, scope: bytes) -> list[SimilarityCandidate]:
        """Return the entries of a scope, those with a hash first.

        They are the same response to other photos.
        """
