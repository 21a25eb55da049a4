"""What the routes of the API work with."""

from __future__ import annotations

from dataclasses import dataclass

from facemask.service.http.exports import Press
from facemask.service.http.middleware import Gate
from facemask.service.intake.submit import Desk
from facemask.service.jobs.scoped import OwnJobs
from facemask.service.settings import LimitSettings


@dataclass(frozen=True, slots=True)
class Rooms:
    """All of it as one dependency: Litestar resolves two or more in a group of tasks, for each request anew.

    Attributes:
        desk: takes submissions in.
        jobs: the jobs as the request's caller sees them.
        press: makes files of results.
        limits: what requests may ask for.
        gate: says who a request's caller is.

    """

    desk: Desk
    jobs: OwnJobs
    press: Press
    limits: LimitSettings
    gate: Gate
