"""Small builders of constraints and triggers that several tables share."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q


def one_of(name: str, field: str, values: list[Any]) -> models.CheckConstraint:
    """A CHECK that `field` holds a word of its closed vocabulary."""
    return models.CheckConstraint(name=name, condition=Q(**{f"{field}__in": values}))


def takes_time(name: str, words: Any) -> models.CheckConstraint:
    """A CHECK that the range `during` starts, ends and is not empty; `words` refuse."""
    return models.CheckConstraint(
        name=name,
        condition=Q(during__isempty=False)
        & Q(during__lower_inf=False)
        & Q(during__upper_inf=False),
        violation_error_message=words,
    )


def append_only(name: str) -> pgtrigger.Protect:
    """A trigger that refuses to change or delete a row once it is written."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


def never_deleted(name: str) -> pgtrigger.Protect:
    """A trigger that refuses to delete a row: clinical memory only grows."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Delete)
