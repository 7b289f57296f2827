"""Everything the clinic keeps about one patient, for that patient.

Whatever leads to a patient is found by walking the models, as a merge does, so that a
model added later is given out too. What is left out is named here, with its reason.
"""

import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import FileField, ForeignKey, Model, QuerySet
from django.db.models.fields.related import ManyToManyField

from bookings.models import Claim, Patient

OURS = "bookings"
CHUNK = 200
# Rows that say something of rooms and staff, and nothing of the patient.
LEFT_OUT: tuple[type[Model], ...] = (Claim,)
# Keys and machinery: they would open something, or mean nothing outside.
OMITTED = {"link_key", "lease_token", "lease_until", "pgh_context", "pgh_id", "pgh_obj"}
MACHINERY = {"dedupe_key", "pgh_label", "fingerprint", "thumbnail"}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one model, and by which path of fields they belong to a patient."""

    model: type[Model]
    path: str

    @property
    def name(self) -> str:
        return str(self.model._meta.model_name)


@cache
def tables() -> tuple[Table, ...]:
    """Every model whose rows lead to a patient, nearest first; Patient itself first."""
    found: dict[type[Model], str] = {Patient: "pk"}
    ahead: deque[type[Model]] = deque([Patient])
    while ahead:
        model = ahead.popleft()
        for field in _pointing_at(model):
            if field.model in found or field.model in LEFT_OUT:
                continue
            here = found[model]
            way = [field.name] if here == "pk" else [field.name, here]
            found[field.model] = "__".join(way)
            ahead.append(field.model)
    return tuple(Table(model, path) for model, path in found.items())


def _pointing_at(model: type[Model]) -> list[ForeignKey[Any, Any]]:
    relations: list[Any] = model._meta.get_fields(include_hidden=True)
    fields = [one.field for one in relations if one.auto_created and not one.concrete]
    return [
        field
        for field in fields
        if field.model._meta.app_label == OURS
        and not isinstance(field, ManyToManyField)
        and not field.model._meta.auto_created  # its rows are lists of the other side
    ]


def fields_of(model: type[Model]) -> list[Any]:
    """The fields of `model` that are given out."""
    meta = model._meta
    every: list[Any] = [*meta.concrete_fields, *meta.many_to_many]
    return [field for field in every if field.name not in OMITTED | MACHINERY]


def rows(table: Table, patient: Patient) -> Iterator[Model]:
    """The rows of `table` about `patient`, and about records merged into it."""
    keys = [patient.pk, *patient.merged.values_list("pk", flat=True)]
    order = "pgh_id" if hasattr(table.model, "pgh_id") else "pk"
    every: QuerySet[Any] = table.model._base_manager.filter(
        **{f"{table.path}__in": keys}
    )
    fields = fields_of(table.model)
    every = every.select_related(*(one.name for one in fields if _is_named(one)))
    lists = [one.name for one in fields if isinstance(one, ManyToManyField)]
    every = every.prefetch_related(*lists).order_by(order)
    yield from every.iterator(chunk_size=CHUNK)


def record(row: Model) -> dict[str, Any]:
    """One row as plain values, by the names of its fields."""
    return {field.name: plain(row, field) for field in fields_of(type(row))}


def plain(row: Model, field: Any) -> Any:
    """What `row` says in `field`: names of what we list, keys of its other rows."""
    if isinstance(field, ManyToManyField):
        return [str(one) for one in getattr(row, field.name).all()]
    if _is_named(field):
        named = getattr(row, field.name)
        return str(named) if named is not None else None
    value = field.value_from_object(row)
    if isinstance(value, DateTimeTZRange):
        return [value.lower, value.upper]
    if isinstance(field, FileField):
        return value.name or ""
    return value


def _is_named(field: Any) -> bool:
    """Whether it points at something with a name: a place, a treatment, a person."""
    if not isinstance(field, ForeignKey):
        return False
    return bool(field.related_model._meta.app_label != OURS)


def as_json(patient: Patient, *, now: datetime) -> Iterator[str]:
    """One JSON document, in pieces: who, when, and the rows of each table."""
    head = {"clinic": settings.CLINIC_NAME, "made_at": now, "patient": str(patient)}
    yield "{" + _dumped(head)[1:-1]
    for table in tables():
        yield f',\n"{table.name}": ['
        between = ""
        for row in rows(table, patient):
            yield f"{between}\n{_dumped(record(row))}"
            between = ","
        yield "]"
    yield "}\n"


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        """What JSON has no word for, as text."""
        try:
            return super().default(o)
        except TypeError:
            return str(o)


def _dumped(value: Mapping[str, Any]) -> str:
    return json.dumps(value, cls=_Encoder, ensure_ascii=False)
