"""A Chromium for the browser tests: which one, and getting one.

python -m clinic.browser makes sure that there is one that starts: Debian's own by apt
where we may install it, or the one that Playwright fetches. Tests never go without.
"""

import os
import shutil
import subprocess
import sys

from playwright.sync_api import sync_playwright

from clinic.servers import REPOSITORY

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",  # root, and containers, have none to offer
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ADVICE = "No Chromium starts here. Install one (Debian: apt install chromium)."


def find() -> str:
    """The Chromium to drive: CHROMIUM, the machine's own, or Playwright's; else ""."""
    named = os.environ.get("CHROMIUM")
    candidates = [named] if named else [*map(shutil.which, NAMES), _playwrights()]
    return next((path for path in candidates if path and _starts(path)), "")


def _playwrights() -> str:
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _starts(path: str) -> bool:
    """Whether the program at `path` is there with every library it needs."""
    try:
        tried = subprocess.run([path, "--version"], capture_output=True, check=False)
    except OSError:
        return False
    return tried.returncode == 0


def ensure() -> str:
    """Find a Chromium, or get one; "" if neither can be done here."""
    return find() or _from_debian() or _from_playwright()


def _from_debian() -> str:
    script = str(REPOSITORY / ".ci" / "apt-install")
    subprocess.run(["sh", script, "chromium"], check=False)  # noqa: S607
    return find()


def _from_playwright() -> str:
    fetch = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(fetch, check=False)
    return find()


def main() -> int:
    if ensure():
        return 0
    print(ADVICE, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
