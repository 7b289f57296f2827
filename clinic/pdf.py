"""Pages as PDF by WeasyPrint, which needs Pango: Debian's own, and not always there.

It is imported only when asked for. Nothing is loaded from the network: a page finds
our own static files and nothing else.

python -m clinic.pdf makes sure that Pango is there: by apt where we may install it.
Tests never go without.
"""

import ctypes
import io
import logging
import mimetypes
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from django.utils._os import safe_join

from clinic import pdf_drawings
from clinic.servers import REPOSITORY

ADVICE = "No PDF can be made here. Install Pango (Debian: apt install {})."
PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
LIBRARIES = (
    ("libpango-1.0.so.0", "libpango-1.0.dylib"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"),
    ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
)
TAGGED = "pdf/ua-1"  # readable by screen readers
HOST = "http://cadence.invalid"  # never asked: names where our own files seem to lie

for _name in ("weasyprint", "fontTools"):
    logging.getLogger(_name).setLevel(
        logging.ERROR
    )  # they speak of every rule and font


class PdfUnavailableError(Exception):
    """This machine has no Pango, so that no PDF can be made."""


@cache
def is_available() -> bool:
    """Whether this machine can make a PDF; found out once, without loading it all."""
    return all(_opens(names) for names in LIBRARIES)


def _opens(names: Sequence[str]) -> bool:
    """Whether a library is there by one of its `names`."""
    for name in names:
        with suppress(OSError):
            ctypes.CDLL(name)
            return True
    return False


def _weasyprint() -> Any:
    try:
        return import_module("weasyprint")
    except (ImportError, OSError) as error:  # OSError: a library it opens is missing
        raise PdfUnavailableError(str(error)) from error


def written(page: str, *, title: str) -> bytes:
    """The HTML `page` as a tagged PDF; `title` says what its drawings show.

    Raises PdfUnavailableError.
    """
    html = _weasyprint().HTML(
        string=page, base_url=f"{HOST}/", url_fetcher=_fetcher(), media_type="print"
    )
    pdf_drawings.dress(html.etree_element, title)
    made: bytes = html.write_pdf(pdf_variant=TAGGED, pdf_tags=True)
    return made


def _fetcher() -> Any:
    urls = import_module("weasyprint.urls")

    class OwnFiles(urls.URLFetcher):  # type: ignore[misc, name-defined]
        """Opens our static files, and nothing from anywhere else."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            path = own_file(url)
            if path is None:
                raise ValueError(f"not one of our own files: {url}")
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            body = io.BytesIO(path.read_bytes())
            return urls.URLFetcherResponse(url, body, {"Content-Type": kind})

    return OwnFiles()


def own_file(url: str) -> Path | None:
    """The static file that `url` names, collected or where it lies; None if none does."""
    prefix = f"{HOST}{settings.STATIC_URL}"
    if not url.startswith(prefix):
        return None
    name = unquote(urlsplit(url).path).removeprefix(settings.STATIC_URL)
    try:
        found = finders.find(name) or safe_join(settings.STATIC_ROOT, name)
    except SuspiciousFileOperation:
        return None
    path = Path(str(found))
    return path if path.is_file() else None


def ensure() -> bool:
    """Find Pango, or get it; whether whoever starts next can make a PDF."""
    script = str(REPOSITORY / ".ci" / "apt-install")
    if not is_available():
        subprocess.run(["sh", script, *PACKAGES], check=False)  # noqa: S607
    tried = subprocess.run(
        [sys.executable, "-c", "import weasyprint"], capture_output=True, check=False
    )
    return tried.returncode == 0


def main() -> int:
    if ensure():
        return 0
    print(ADVICE.format(" ".join(PACKAGES)), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
