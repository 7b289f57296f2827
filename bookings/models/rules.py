"""Small builders of constraints and triggers that several tables share."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q


def one_of(name: str, field: str, values: list[Any]) -> models.CheckConstraint:
    """A CHECK that `field` holds a word of its closed vocabulary."""
    return models.CheckConstraint(name=name, condition=Q(**{f"{field}__in": values}))


def append_only(name: str) -> pgtrigger.Protect:
    """A trigger that refuses to change or delete a row once it is written."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


def never_deleted(name: str) -> pgtrigger.Protect:
    """A trigger that refuses to delete a row: clinical memory only grows."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Delete)
