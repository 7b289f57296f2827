"""Collecting static files only when something in them has changed."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

STAMP = ".collected"


def collect() -> bool:
    """Bring STATIC_ROOT up to date with its sources; whether that took anything."""
    stamp = Path(settings.STATIC_ROOT) / STAMP
    wanted = _digest(_sources())
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(wanted)
    return True


def _sources() -> Iterable[tuple[str, int, int]]:
    """Name, size and time of change (ns) of every file that pages may ask for."""
    for finder in get_finders():
        for name, storage in finder.list([]):
            about = Path(storage.path(name)).stat()
            yield name, about.st_size, about.st_mtime_ns


def _digest(sources: Iterable[tuple[str, int, int]]) -> str:
    lines = sorted(repr(source) for source in sources)
    storage = settings.STORAGES["staticfiles"]["BACKEND"]
    return hashlib.sha256("\n".join([storage, *lines]).encode()).hexdigest()
