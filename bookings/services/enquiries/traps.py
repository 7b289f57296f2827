"""Holding off machines without asking people to prove anything.

A field that people do not see, and a clock: nobody answers four steps in seconds. The
clock is signed and travels with the form. What is caught is thanked and not written.
"""

from datetime import datetime, timedelta

from django.core import signing

HONEYPOT = "website"
CLOCK = "since"
QUICKEST = timedelta(seconds=10)
"""Nobody reads, types and sends a whole request faster than that."""

_SALT = "cadence.enquiry.clock"


def clock(key: str, since: float) -> str:
    """What the form carries: which draft it is, and when that was begun."""
    return signing.Signer(salt=_SALT).sign(f"{key}.{int(since)}")


def begun(said: str) -> tuple[str, float]:
    """Which draft the form belongs to, and since when; an empty key if not signed."""
    try:
        key, _dot, since = signing.Signer(salt=_SALT).unsign(said).partition(".")
        return key, float(since)
    except (signing.BadSignature, ValueError):
        return "", 0.0


def is_machine(honeypot: str, said: str, *, now: datetime) -> bool:
    """Whether what came in cannot have been filled in by a person."""
    if honeypot:
        return True
    key, since = begun(said)
    return not key or now.timestamp() - since < QUICKEST.total_seconds()
