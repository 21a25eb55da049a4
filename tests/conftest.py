"""Fixtures and settings of all tests."""

import logging
import os
from collections.abc import Iterator

import httpx
import pytest
from facemask.models.store import FOLDER_VARIABLE
from facemask.service.database.settings import DatabaseSettings
from hypothesis import HealthCheck, settings
from support import leak_detector
from support.postgres_server import TEMPLATE, available_server, create_template, execute, temporary_database
from support.waiting import with_long_timeout

# Every run tries the same examples, and a slow machine is no failure. `HYPOTHESIS_PROFILE=deep` tries more and others.
settings.register_profile(
    "facemask", max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("deep", settings.get_profile("facemask"), max_examples=5000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "facemask"))


@pytest.fixture(scope="session", autouse=True)
def no_models(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Take an empty folder for the user's own, which may have models: a test that needs one names where it is."""
    os.environ[FOLDER_VARIABLE] = str(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session", autouse=True)
def log_inspector() -> Iterator[leak_detector.LogInspector]:
    """Inspect log lines and error responses of the whole run, until the last process of a test file has ended."""
    inspector, patch = leak_detector.LogInspector(), pytest.MonkeyPatch()
    patch.setattr(httpx.Client, "send", leak_detector.inspecting_errors(with_long_timeout(httpx.Client.send)))
    logging.getLogger().addHandler(inspector)
    logging.getLogger("facemask").setLevel(logging.INFO)  # one line for each request and each job
    yield inspector
    logging.getLogger().removeHandler(inspector)
    patch.undo()
    leak_detector.assert_no_leaks()


@pytest.fixture(autouse=True)
def no_leaks(log_inspector: leak_detector.LogInspector) -> Iterator[None]:
    """Fail a test during which the service leaks an input, and one that removes the inspector."""
    yield
    assert log_inspector in logging.getLogger().handlers
    leak_detector.assert_no_leaks()


@pytest.fixture(scope="session")
def postgres() -> Iterator[DatabaseSettings]:
    """A Postgres server that runs for the whole session, with the template of all test databases."""
    with available_server() as settings:
        create_template(settings)
        try:
            yield settings
        finally:
            execute(settings, "drop database {} with (force)", TEMPLATE)


@pytest.fixture
def database(postgres: DatabaseSettings) -> Iterator[DatabaseSettings]:
    """An empty database with our schema for one test."""
    with temporary_database(postgres) as settings:
        yield settings
