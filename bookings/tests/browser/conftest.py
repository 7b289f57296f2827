"""A desk with a real Chromium on it: who sits there, and what the browser complained of."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from bookings.tests.browser import clinic
from clinic.models import User

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

PATIENCE = 30_000  # ms: a busy machine is slow, and only what never comes is a fault
expect.set_options(timeout=PATIENCE)

# Chromium notes every answer of 4xx, and a refusal is meant to be one; without scripts
# it also notes that nothing used the day that was preloaded for the grid.
REFUSED = "the server responded with a status of 4"
UNUSED = "was preloaded using link preload but not used"


@pytest.fixture(scope="session")
def browser_context_args(
    browser_context_args: dict[str, Any], live_server: Any
) -> dict[str, Any]:
    return {
        **browser_context_args,
        "base_url": live_server.url,
        "locale": "en-CA",
        "timezone_id": settings.TIME_ZONE,
    }


@pytest.fixture
def staff(transactional_db: None) -> dict[str, User]:
    """The open clinic's staff, by last name."""
    return clinic.open_clinic()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What any page of this test said in its console; at the end it must be nothing."""
    said: list[str] = []
    yield said
    assert said == []


@pytest.fixture
def open_page(
    new_context: Callable[..., BrowserContext], complaints: list[str]
) -> Callable[..., Page]:
    """Open a page of a browser of its own: `open_page(user, viewport=…)`."""

    def listen(message: ConsoleMessage, expected: tuple[str, ...]) -> None:
        if message.type not in ("error", "warning"):
            return
        if not any(words in message.text for words in expected):
            complaints.append(f"{message.location.get('url')}: {message.text}")

    def open_one(
        user: User | None = None, viewport: Any = DESKTOP, **options: Any
    ) -> Page:
        context = new_context(viewport=viewport, **options)
        context.set_default_timeout(PATIENCE)
        without_scripts = options.get("java_script_enabled") is False
        expected = (REFUSED, UNUSED) if without_scripts else (REFUSED,)
        context.on("console", lambda message: listen(message, expected))
        context.on("weberror", lambda broken: complaints.append(str(broken.error)))
        if user:
            context.add_cookies([_session_of(user)])
        return context.new_page()

    return open_one


def _session_of(user: User) -> Any:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {
        "name": name,
        "value": client.cookies[name].value,
        "domain": "localhost",
        "path": "/",
    }
