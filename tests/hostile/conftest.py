"""A service for hostile requests."""

from collections.abc import Iterator

import pytest
from support.service.facemask_process import FacemaskProcess, facemask_server


@pytest.fixture(scope="session")
def server() -> Iterator[FacemaskProcess]:
    with facemask_server(JOB_WORKERS="2") as process:
        yield process
