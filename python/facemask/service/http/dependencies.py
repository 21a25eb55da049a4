"""The services that the API's routes call, as one dependency."""

from __future__ import annotations

from dataclasses import dataclass

from facemask.service.http.exports import ResultRenderer
from facemask.service.http.middleware import AccessMiddleware
from facemask.service.intake.submit import SubmissionService
from facemask.service.jobs.scoped import ScopedJobs
from facemask.service.settings import LimitSettings


@dataclass(frozen=True, slots=True)
class ApiServices:
    """The services as one dependency.

    Litestar resolves two or more in a task group for each request.

    Attributes:
        submissions: turns requests into jobs.
        jobs: the jobs of the request's owner.
        renderer: renders files of results.
        limits: bounds on requests.
        access: identifies callers.
    """

    submissions: SubmissionService
    jobs: ScopedJobs
    renderer: ResultRenderer
    limits: LimitSettings
    access: AccessMiddleware
