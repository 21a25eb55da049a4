"""The one exception of the service: a request or a job that is refused, and why."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - it is an answer more than an error
    """Something is refused. `problems.py` turns it into an HTTP answer, `jobs/runner.py` into a failed job.

    Attributes:
        code: stable slug, one of the keys of `problems.PROBLEMS`.
        detail: one sentence for the person who sent the request; never holds image or landmark data.
        field: path of the value at fault as the HTTP API spells it (`landmarks[3].x`), or empty.
        headers: response headers the answer must carry, such as `Retry-After`.

    """

    def __init__(self, code: str, detail: str, field: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(code, detail, field)
        self.code = code
        self.detail = detail
        self.field = field
        self.headers = headers or {}

    def bare(self) -> Refusal:
        """The same without traceback and causes, whose frames would keep a request's body alive."""
        return Refusal(self.code, self.detail, self.field, self.headers)


def busy(code: str, detail: str) -> Refusal:
    """A refusal that passes with time: the same request may be sent again after a second."""
    return Refusal(code, detail, headers={"Retry-After": "1"})
