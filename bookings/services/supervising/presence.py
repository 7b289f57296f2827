"""Whether somebody who may supervise is on the premises while a session needs it.

A supervising doctor claims nothing and may look after several sessions at once; what
counts is that one and the same is there throughout each stretch (source: S1).
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from bookings.models import TreatmentPlan
from bookings.scheduling import Span, instant
from bookings.services import claims, shapes
from bookings.services.shapes import SUPERVISOR
from bookings.services.supervising import able
from treatments.models import ProtocolRole, TargetLayer

ENDLESS = 2**62
There = tuple[Any, Sequence[Span]]
"""A resource `with_ticks`, and when it is there: in order, in minutes (UTC)."""

MAY_NEED_IT = Q(plan__protocol__needs_supervision=True) | Q(
    plan__target_layer=TargetLayer.DERMIS
)
"""Appointments of plans that may need a supervisor; `stretches` says which do."""


def stretches(plan: TreatmentPlan, start: datetime) -> list[Span]:
    """When a session of `plan` that starts at `start` needs a supervisor, in minutes.

    Empty where it needs none. No query where the protocol's rows were fetched ahead.
    """
    if not shapes.is_supervised(plan):
        return []
    return [
        (instant(begins), instant(ends))
        for begins, ends in claims.blocks(SUPERVISOR, plan, start)
    ]


def supervisors(plan: TreatmentPlan, there: Iterable[There]) -> list[There]:
    """Of those who are `there` at some time, whoever may supervise sessions of `plan`."""
    role = _role(plan)
    return [one for one in there if role and able.can_fill(role, one[0])]


def throughout(spans: Iterable[Span], there: Iterable[There]) -> list[Any]:
    """The resources that are there during all of `spans`."""
    needed = list(spans)
    return [who for who, open_ in there if all(covers(open_, *one) for one in needed)]


def missing(spans: Iterable[Span], there: Iterable[There]) -> Span | None:
    """The first of `spans` that none of those `there` is there for, if there is one."""
    known = [open_ for _who, open_ in there]
    for span in spans:
        if not any(covers(open_, *span) for open_ in known):
            return span
    return None


def covers(spans: Sequence[Span], start: int, end: int) -> bool:
    """Whether `spans`, in order, cover [start, end) without a hole; in minutes."""
    for opens, closes in spans[max(0, bisect_right(spans, (start, ENDLESS)) - 1) :]:
        if opens > start:
            return False
        start = max(start, closes)
        if start >= end:
            return True
    return False


def _role(plan: TreatmentPlan) -> ProtocolRole | None:
    roles = (role for role in shapes.roles_of(plan) if role.name == SUPERVISOR)
    return next(roles, None)
