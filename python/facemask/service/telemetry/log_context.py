"""Fields that each log line of a request or a job has, such as its trace id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

_fields: ContextVar[Mapping[str, str]] = ContextVar("log_fields", default=MappingProxyType({}))


def log_fields() -> Mapping[str, str]:
    """Return the fields of this context."""
    return _fields.get()


def bind_log_fields(**fields: str) -> None:
    """Add fields until the context ends, as that of a request does."""
    _fields.set({**_fields.get(), **fields})


@contextmanager
def bound_log_fields(**fields: str) -> Iterator[None]:
    """Add fields inside the block."""
    token = _fields.set({**_fields.get(), **fields})
    try:
        yield
    finally:
        _fields.reset(token)
