"""Hands and eyes for the diary's grid."""

from playwright.sync_api import Locator, Page, expect

from bookings.tests.browser.busy import next_weekday

HOUR_PX = 78


def opened(page: Page, query: str = "") -> Page:
    """The diary of the busy day, drawn."""
    page.goto(f"/desk/day/?location=centretown&date={next_weekday()}{query}")
    expect(page.locator("#diary[data-drawn]")).to_be_attached()
    return page


def block(page: Page, name: str) -> Locator:
    return page.locator(".di-block", has_text=name)


def focused(page: Page) -> str:
    """What a screen reader says of the element with the focus."""
    return page.evaluate("document.activeElement.textContent")


def column_of(page: Page) -> str:
    return page.evaluate("document.activeElement.dataset.column")


def changed(page: Page) -> None:
    """Say what the drawer and the dialogs say after a change."""
    page.evaluate("document.body.dispatchEvent(new CustomEvent('diary-changed'))")


def lift(page: Page, one: Locator, down: float) -> None:
    """Take a block and bring it `down` pixels lower, without letting go."""
    one.scroll_into_view_if_needed()
    box = one.bounding_box()
    x, y = box["x"] + 40, box["y"] + 20
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 10, steps=3)
    page.mouse.move(x, y + down, steps=4)
