import pytest
from service_process import Server, serving


@pytest.fixture(scope="session")
def server() -> Server:
    with serving(JOB_WORKERS="2") as running:
        yield running
