"""Hands that touch nothing but the keyboard, and eyes that look where the focus is."""

from playwright.sync_api import Locator, Page, expect

FURTHEST = 90  # tab stops; a page that needs more is no page for a keyboard

# The element with the focus, or the label that shows it: its outline, and whether
# anything else (a sticky bar) lies over it.
LOOK = """() => {
  const focused = document.activeElement;
  const shown = (one) => {
    const style = one && getComputedStyle(one);
    return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const lit = [focused, focused.closest("label"), focused.closest(".cd-search")].find(shown);
  if (!lit) return `no outline: ${focused.outerHTML.slice(0, 120)}`;
  const box = lit.getClientRects()[0];
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const top = document.elementFromPoint(x, y);
  if (!top) return `out of view: ${focused.outerHTML.slice(0, 120)}`;
  if (lit.contains(top) || top.contains(lit) || top.closest("label")?.control === focused)
    return "";
  return `hidden behind ${top.outerHTML.slice(0, 80)}: ${focused.outerHTML.slice(0, 120)}`;
}"""


def tab_to(target: Locator, *, back: bool = False) -> None:
    """Press Tab until `target` has the focus; on the way the focus is always seen."""
    page = target.page
    expect(target).to_be_visible()
    for _press in range(FURTHEST):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if page.evaluate("document.activeElement !== document.body"):
            trouble = page.evaluate(LOOK)
            assert not trouble, trouble
    raise AssertionError(f"The focus never comes to {target}.")


def press(target: Locator, key: str = "Enter") -> None:
    tab_to(target)
    target.page.keyboard.press(key)


def type_into(target: Locator, words: str) -> None:
    tab_to(target)
    target.page.keyboard.type(words)


def choose(page: Page, radio: Locator, first: Locator) -> None:
    """Reach a group of radio buttons at `first`, then walk down to `radio`."""
    tab_to(first)
    for _press in range(6):
        if radio.is_checked():
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"The arrows never come to {radio}.")
