"""Fixtures of general use. The database and the folders of the suite are decided in tests/settings.py."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck
from hypothesis import settings as chance
from playwright.sync_api import Browser, sync_playwright
from pytest_django import DjangoDbBlocker

from socle.pagecache.freshness import reader
from tests.browsing import ARGUMENTS, CHROMIUM
from tests.pdfua import Validator

STARTS_THE_PORTAL = {"test_journey", "test_outages", "test_start"}

# A busy machine is slow, and no test fails of that; the same examples each time.
chance.register_profile("house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
chance.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts the whole portal comes first: whoever came to it last would end long after the others."""
    items.sort(key=lambda item: item.path.stem not in STARTS_THE_PORTAL)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The page cache keeps connections of its own: a database in use cannot be dropped.

    Tests that commit empty every table behind them; the register and the traces refuse it
    (tests/test_registre_guards.py, tests/test_access_kept.py).
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE registre_entree DISABLE TRIGGER registre_guard_truncate")
        cursor.execute("ALTER TABLE access_trace DISABLE TRIGGER access_stays_whole")
    yield
    reader.close()


@pytest.fixture(scope="module")
def kept_rows(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[DjangoDbBlocker]:
    """For rows that the tests of a module share: they are in a transaction around all of these, and go after the last.

    Each test keeps its own transaction inside, and leaves the rows as it found them. No test that commits beside it.
    """
    whole = transaction.atomic()
    whole._from_testcase = True  # as Django's own around a test: what is durable may stand in it
    with django_db_blocker.unblock():
        whole.__enter__()
    yield django_db_blocker
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        whole.__exit__(None, None, None)


@pytest.fixture
def database_url(transactional_db: None) -> str:
    return address_of_database()


def address_of_database() -> str:
    """That of the test database, for a process of its own: it sees what the test has committed."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    # geturl() would drop the empty host of a URL whose socket folder is in its query.
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{connection.settings_dict['NAME']}{query}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. Playwright runs an event loop in this thread; the ORM of the tests is not run by it."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def validator() -> Iterator[Validator]:
    """Of PDF/UA. Java starts with the first file that a process of tests checks, and stays beside it."""
    with Validator() as opened:
        yield opened
