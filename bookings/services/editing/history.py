"""The versions of a plan, the newest first, and what changed from one to another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bookings.models import PlanReview, TreatmentPlan
from bookings.services.reviewing import versions
from bookings.services.reviewing.versions import Line
from clinic.models import User

Contents = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """What one version said; `lines` is what it changed in the one before, if known.

    `at` is the local time at which it was kept; the present one may not be kept yet.
    """

    number: int
    contents: Contents
    by: User | None
    at: datetime | None
    review: PlanReview | None
    lines: tuple[Line, ...] = ()
    is_first: bool = False


def of(plan: TreatmentPlan) -> list[Version]:
    """Every version that was kept, and the present one, the newest first.

    A version that nobody reviewed or edited again before it was overwritten is not
    there: a draft has no history. Two queries, and those of the plan's own rows.
    """
    reviews = {row.plan_version: row for row in plan.reviews.select_related("by")}
    found = list(_kept(plan, reviews))
    if not found or found[-1].number != plan.version:
        present = versions.contents(plan)
        review = reviews.get(plan.version)
        found.append(Version(plan.version, present, None, None, review))
    return [_compared(found, at) for at in reversed(range(len(found)))]


def between(
    rows: list[Version], old: str, new: str
) -> tuple[Version, Version, list[Line]] | None:
    """Two of `rows` by their numbers as typed, in order of time, and what differs."""
    known = {str(row.number): row for row in rows}
    if old not in known or new not in known or old == new:
        return None
    first, last = sorted((known[old], known[new]), key=lambda row: row.number)
    return first, last, versions.diff(first.contents, last.contents)


def _kept(plan: TreatmentPlan, reviews: Mapping[int, PlanReview]) -> Iterator[Version]:
    zone = plan.location.zone
    for row in plan.versions.select_related("by").order_by("number"):
        at = row.at.astimezone(zone)
        review = reviews.get(row.number)
        yield Version(row.number, row.contents, row.by, at, review)


def _compared(found: list[Version], at: int) -> Version:
    one = found[at]
    about = (one.number, one.contents, one.by, one.at, one.review)
    if at == 0:
        return Version(*about, is_first=True)
    lines = versions.diff(found[at - 1].contents, one.contents)
    return Version(*about, lines=tuple(lines))
