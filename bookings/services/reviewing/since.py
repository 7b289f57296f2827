"""What changed since a plan was signed or returned: its contents, answers and start."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import PlanReview, TreatmentPlan
from bookings.services import answering, screening, verdicts
from bookings.services.amendments import amending
from bookings.services.amendments.amending import Told
from bookings.services.reviewing import signatures, versions
from bookings.services.reviewing.versions import Line
from treatments.suitability import Verdict


@dataclass(frozen=True, slots=True)
class Since:
    """The last signature under an earlier version, and what differs from it now.

    `amendment` is the change of a signed plan that led here, if one did; `contents`
    what the version signed then said, empty where it was not kept.
    """

    review: PlanReview | None
    amendment: Told | None
    contents: dict[str, Any]
    lines: tuple[Line, ...]

    def __bool__(self) -> bool:
        return bool(self.review or self.amendment)


def last_word(plan: TreatmentPlan, verdict: Verdict, *, now: datetime) -> Since:
    """What `plan` says otherwise than at the last word on an earlier version of it."""
    review, amendment = signatures.before(plan), amending.latest(plan)
    number = review.plan_version if review else plan.version - 1
    kept = plan.versions.filter(number=number).first()
    lines: list[Line] = []
    if kept:
        lines += versions.diff(kept.contents, versions.contents(plan))
    elif amendment:
        lines += [Line(one.name, one.before, one.after) for one in amendment.facts]
    if review:
        lines += _answers(plan, review, now)
        lines += _start(review, verdict)
    return Since(review, amendment, kept.contents if kept else {}, tuple(lines))


def opened(plan: TreatmentPlan, version: str) -> list[Line]:
    """What changed in a waiting plan since somebody opened its `version`, as typed.

    Nothing where that is the present version, or was not kept.
    """
    is_other = version.isdecimal() and version != str(plan.version)
    if not (is_other and plan.is_waiting):
        return []
    kept = plan.versions.filter(number=int(version[:9])).first()
    return versions.diff(kept.contents, versions.contents(plan)) if kept else []


def _answers(plan: TreatmentPlan, review: PlanReview, now: datetime) -> Iterator[Line]:
    """The answers to the plan's own questions that differ from those known then."""
    before = screening.latest(plan.patient, now=review.at)
    after = screening.latest(plan.patient, now=now)
    asked = {question.code for question in screening.questions_for(plan.protocol)}
    for code, row in after.items():
        was = before.get(code)
        if code in asked and row != was and answering.differs(was, row):
            what = verdicts.subject(code)
            yield Line(what, answering.said(was), answering.said(row))


def _start(review: PlanReview, verdict: Verdict) -> Iterator[Line]:
    """The first day on which treatment may start, where it is another now."""
    kept = review.verdict.get("from_date")
    before = date.fromisoformat(kept) if kept else None
    after = verdicts.opens(verdict)
    if after and before != after:
        yield Line(_("Earliest start"), _day(before), _day(after))


def _day(day: date | None) -> str:
    return date_format(day, "j M Y") if day else _("any day")
