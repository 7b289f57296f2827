"""What the tests of all apps share: their servers, and a browser."""

import os

import pytest
from django.test import override_settings
from django.utils import timezone, translation

from clinic import browser
from clinic.pytest_servers import pytest_sessionstart, pytest_unconfigure

__all__ = ["pytest_sessionstart", "pytest_unconfigure"]

# Playwright keeps an event loop in the thread of the test, so Django would take the
# test's own queries for asynchronous ones.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(autouse=True, scope="session")
def own_files(tmp_path_factory):
    """What tests keep of patients goes nowhere near the clinic's own store."""
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("files")):
        yield


@pytest.fixture(autouse=True)
def own_language_and_clock():
    """A page in French, or elsewhere, leaves its language and zone to no other test."""
    yield
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Drive the machine's Chromium, and fail where there is none."""
    path = browser.find()
    if not path:
        pytest.fail(browser.ADVICE)
    arguments = list(browser.ARGUMENTS)
    return {**browser_type_launch_args, "executable_path": path, "args": arguments}
