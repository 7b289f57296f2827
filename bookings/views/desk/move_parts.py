"""What the doors for moving answer with: pages, or parts for the dialog on the diary."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def shown(
    request: HttpRequest, name: str, context: dict[str, Any], status: int
) -> HttpResponse:
    """The page called `name`, or its part for the dialog."""
    file = f"_{name}_dialog" if request.htmx else name  # type: ignore[attr-defined]
    return render(request, f"desk/{file}.html", context, status=status)


def moved(request: HttpRequest) -> HttpResponse:
    """Nothing is left to show in the dialog: a toast says that the diary changed."""
    answer = render(request, "components/messages.html", {"oob": True})
    answer["HX-Trigger"] = "diary-changed, move-done"
    return answer
