"""Lists as CSV files that a spreadsheet opens as they are."""

import csv
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

BYTE_ORDER_MARK = "\ufeff"  # or a spreadsheet takes É for two other signs
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_response(
    name: str, head: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> HttpResponse:
    """A download called `name`.csv; no cell of it can act as a formula."""
    response = HttpResponse(
        BYTE_ORDER_MARK,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
    writer = csv.writer(response)
    writer.writerow([_cell(value) for value in head])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return response


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    is_formula = text.startswith(FORMULA) or text.lstrip().startswith(FORMULA)
    return f"'{text}" if is_formula else text


def is_wanted(request: HttpRequest) -> bool:
    """Whether the address of a list asks for it as a file: `?format=csv`."""
    return request.GET.get("format") == "csv"
