"""What the doors for moving answer with: pages, or parts for the dialog on the diary."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def shown(
    request: HttpRequest, name: str, context: dict[str, Any], status: int
) -> HttpResponse:
    """The page called `name`, or its part for the dialog."""
    if not request.htmx:  # type: ignore[attr-defined]
        return render(request, f"desk/{name}.html", context, status=status)
    return _part(render(request, f"desk/_{name}_dialog.html", context, status=status))


def moved(request: HttpRequest) -> HttpResponse:
    """Nothing is left to show in the dialog: a toast says that the diary changed."""
    answer = _part(render(request, "components/messages.html", {"oob": True}))
    answer["HX-Trigger"] = "diary-changed, move-done"
    return answer


def _part(answer: HttpResponse) -> HttpResponse:
    """An answer for the dialog: the address stays that of the diary beneath it."""
    answer["HX-Push-Url"] = "false"
    return answer
