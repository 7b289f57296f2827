"""What the browser tests of all apps share."""

import os

import pytest
from django.conf import settings

from clinic import browser

pytest_plugins = ["clinic.pytest_servers"]

# Playwright keeps an event loop in the thread of the test, so Django would take the
# test's own queries for asynchronous ones.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_configure() -> None:
    """Accounts of tests do not need a password hash that is slow on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Drive the machine's Chromium, and fail where there is none."""
    path = browser.find()
    if not path:
        pytest.fail(browser.ADVICE)
    arguments = list(browser.ARGUMENTS)
    return {**browser_type_launch_args, "executable_path": path, "args": arguments}
