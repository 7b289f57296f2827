"""Inserting rows by the handful, in one statement that tells what went in."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connections, models, router


def insert(
    rows: Sequence[models.Model], *returned: str, skip_conflicts: bool = False
) -> list[tuple[Any, ...]]:
    """Insert `rows` of one model in their order; the columns `returned` of each.

    With `skip_conflicts` a row that breaks a unique or exclusion constraint is left
    out, and so is what it would have returned. Raises IntegrityError for any other.
    """
    if not rows:
        return []
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    values = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection)
        for row in rows
        for field in _fields(model)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_sql(model, len(rows), returned, skip_conflicts), values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _fields(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not field.primary_key]


@lru_cache(maxsize=256)
def _sql(
    model: type[models.Model], count: int, returned: Sequence[str], skip_conflicts: bool
) -> str:
    fields = _fields(model)
    row = f"({', '.join(['%s'] * len(fields))})"
    words = [
        f'INSERT INTO "{model._meta.db_table}"',
        f"({_names(field.column for field in fields)})",
        f"VALUES {', '.join([row] * count)}",
        "ON CONFLICT DO NOTHING" if skip_conflicts else "",
        f"RETURNING {_names(returned)}",
    ]
    return " ".join(filter(None, words))


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
