"""Where a request comes from, for counting how many come from there."""

from django.conf import settings
from django.http import HttpRequest


def address(request: HttpRequest) -> str:
    """The caller's own address; behind our proxy, the one that the proxy saw.

    Whatever a caller writes in front of it in that header is not believed.
    """
    seen: str = request.META.get("REMOTE_ADDR", "")
    if not settings.BEHIND_PROXY:
        return seen
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    return told or seen
