"""How many requests one address may send: enough for a family, too few for a flood.

Counts live in the cache, which may be down at any moment. Then nobody is counted: a
real request matters more than one that is not.
"""

import logging

from django.http import HttpRequest
from django_ratelimit.core import is_ratelimited

logger = logging.getLogger(__name__)

GROUP = "enquiries"
BY_PLACE = "20/h"  # one network may serve a whole house
BY_ADDRESS = "5/d"


def is_too_often(request: HttpRequest, email: str) -> bool:
    """Count one more request from here and for `email`; say whether that is too many."""

    def address(_group: str, _request: HttpRequest) -> str:
        return email.strip().casefold()

    try:
        here = is_ratelimited(
            request, group=GROUP, key="ip", rate=BY_PLACE, increment=True
        )
        named = is_ratelimited(
            request, group=f"{GROUP}-to", key=address, rate=BY_ADDRESS, increment=True
        )
    except Exception:  # whatever the cache's client raises
        logger.exception("The count of requests cannot be kept.")
        return False
    return bool(here or named)
