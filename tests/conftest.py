"""Settings for all tests."""

import logging
import os
from collections.abc import Iterator

import httpx
import overheard
import pytest
from facemask.service.database.settings import DatabaseSettings
from hypothesis import HealthCheck, settings
from postgres_server import TEMPLATE, any_server, fresh_database, make_template, run

# A run says the same each time, and a slow machine is no failure. `HYPOTHESIS_PROFILE=deep` looks longer and elsewhere.
settings.register_profile(
    "facemask", max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("deep", settings.get_profile("facemask"), max_examples=5000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "facemask"))


@pytest.fixture(scope="session", autouse=True)
def ear() -> Iterator[overheard.Ear]:
    """The whole run is listened to, until the last process of a whole file has ended."""
    ear, patch = overheard.Ear(), pytest.MonkeyPatch()
    patch.setattr(httpx.Client, "send", overheard.hearing(httpx.Client.send))
    logging.getLogger().addHandler(ear)
    logging.getLogger("facemask").setLevel(logging.INFO)  # a line for each request and each job
    yield ear
    logging.getLogger().removeHandler(ear)
    patch.undo()
    overheard.expect_nothing()


@pytest.fixture(autouse=True)
def nobodys_face(ear: overheard.Ear) -> Iterator[None]:
    """No test may make the service tell what it was given, nor stop the listening."""
    yield
    assert ear in logging.getLogger().handlers
    overheard.expect_nothing()


@pytest.fixture(scope="session")
def postgres() -> Iterator[DatabaseSettings]:
    """A Postgres that nobody stops, with the template that databases of tests are copied from."""
    with any_server() as settings:
        make_template(settings)
        try:
            yield settings
        finally:
            run(settings, "drop database {} with (force)", TEMPLATE)


@pytest.fixture
def database(postgres: DatabaseSettings) -> Iterator[DatabaseSettings]:
    """A database of its own with our schema."""
    with fresh_database(postgres) as settings:
        yield settings
