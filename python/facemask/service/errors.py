"""The service's exception: a problem of RFC 9457."""

from __future__ import annotations


class ProblemError(Exception):
    """A request or a job failed for a reason that the client has to know.

    `http/problems.py` turns it into an HTTP response, `jobs/runner.py` into a failed job.

    Attributes:
        code: stable slug, one of the keys of `problems.PROBLEMS`.
        detail: one sentence for the author of the request; never contains image or landmark data.
        field: path of the invalid value as the HTTP API spells it (`landmarks[3].x`), or empty.
        headers: response headers that the problem needs, such as `Retry-After`.

    """

    def __init__(self, code: str, detail: str, field: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(code, detail, field)
        self.code = code
        self.detail = detail
        self.field = field
        self.headers = headers or {}

    def without_traceback(self) -> ProblemError:
        """Return a copy without traceback and causes.

        Their frames would keep a request's body alive.
        """
        return ProblemError(self.code, self.detail, self.field, self.headers)


def retry_later(code: str, detail: str) -> ProblemError:
    """Return a temporary problem, with `Retry-After: 1`."""
    return ProblemError(code, detail, headers={"Retry-After": "1"})
