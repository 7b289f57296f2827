"""How often one address, and one machine, may ask for letters about signing in."""

from hashlib import sha256
from typing import Any

from django.http import HttpRequest
from django_ratelimit.core import is_ratelimited

# One mailbox: what its owner needs on a bad day. One machine: a household, or a clinic.
FOR_A_MAILBOX = ("5/h", "12/d")
FOR_A_MACHINE = ("20/h", "60/d")


def allows(request: HttpRequest, what: str, mailbox: str) -> bool:
    """Whether `mailbox` may be written to once more about `what`; counts this time."""
    digest = sha256(mailbox.encode()).hexdigest()
    checks: list[tuple[Any, str]] = [("ip", rate) for rate in FOR_A_MACHINE]
    checks += [(lambda _group, _request: digest, rate) for rate in FOR_A_MAILBOX]
    return not any(
        is_ratelimited(request, f"portal-{what}", key=key, rate=rate, increment=True)
        for key, rate in checks
    )
