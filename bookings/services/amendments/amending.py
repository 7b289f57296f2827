"""Amending a signed plan: what it would do, and doing exactly that, all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Claim,
    ClaimReason,
    HoldKind,
    PlanAmendment,
    PlanStatus,
    TreatmentPlan,
)
from bookings.services import claims, judging, patients, series
from bookings.services.amendments import (
    amend_diff,
    amend_places,
    amend_ribbons,
    amended,
    amendment_letters,
)
from bookings.services.amendments.amend_diff import Diff
from bookings.services.amendments.amended import Change, Fact
from bookings.services.editing import details
from bookings.services.holding import holds, lapses
from bookings.services.judging import PlannedSession
from bookings.services.messages import reminders
from bookings.services.moves import freed, placing, windows
from bookings.services.refusals import BookingRefused
from bookings.services.reviewing import versions
from clinic.models import User
from treatments.suitability import Outcome

STRATEGY = "amended"
WRITTEN = [
    "protocol",
    "session_count",
    "gap_min_days",
    "gap_max_days",
    *details.COLUMNS,
    "version",
    "status",
    "submitted_at",
]
LONGEST_REASON = 200
"""Letters that an appointment keeps of the reason; the amendment keeps all of it."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A previewed amendment, back from the browser."""

    plan: int
    version: int
    key: UUID
    change: Change
    standing: Mapping[int, int]
    given_up: frozenset[int]
    placed: tuple[PlannedSession, ...]

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "Sealed":
        """What `Diff.sealed` gave."""
        return cls(
            plan=values["plan"],
            version=values["version"],
            key=UUID(values["key"]),
            change=amended.change_from(values["change"]),
            standing={int(pk): number for pk, number in values["standing"].items()},
            given_up=frozenset(values["given_up"]),
            placed=tuple(amend_diff.planned(row) for row in values["placed"]),
        )


def preview(plan: TreatmentPlan, change: Change, *, now: datetime) -> Diff:
    """What saving `change` would do to bookings, resources and messages.

    Nothing is written. Where it may not be, or a session fits nowhere, the diff
    carries a refusal.
    """
    sessions = amended.standing(plan, now)
    diff = _diff(plan, change, sessions)
    try:
        amended.judge(plan, change, sessions, now)
        diff.lines = amend_places.lines(
            plan, diff.amended, sessions, is_medical=diff.is_medical, now=now
        )
        _judge_places(diff, now)
    except BookingRefused as refused:
        diff.refusal = str(refused)
        return diff
    diff.resources = amend_diff.resource_changes(diff.lines)
    diff.messages = amend_diff.message_changes(diff.amended, diff.lines, now=now)
    diff.before, diff.after = amend_ribbons.both(diff, now=now)
    return diff


@transaction.atomic
def save(
    plan: TreatmentPlan,
    sealed: Mapping[str, Any],
    *,
    version: int,
    actor: User,
    now: datetime,
) -> PlanAmendment:
    """Do what was previewed, or raise BookingRefused; the same submit counts once.

    Fewer sessions are cancelled at once. Anything else waits for a signature: the
    plan goes back to the clinicians, what changes is pencilled until they decide, and
    what does not change stays booked.
    """
    previewed = Sealed.read(sealed)
    plan = series.lock(plan)
    if saved := _saved_before(plan, previewed, actor):
        return saved
    sessions = amended.standing(plan, now)
    _judge_fresh(plan, previewed, sessions, version)
    amended.judge(plan, previewed.change, sessions, now)
    return _carry_out(_diff(plan, previewed.change, sessions), previewed, actor, now)


@dataclass(frozen=True, slots=True)
class Told:
    """An amendment that was saved, and what it changed, in words."""

    amendment: PlanAmendment
    facts: Sequence[Fact]


def latest(plan: TreatmentPlan) -> Told | None:
    """The amendment that the plan's present version came from, if it did."""
    rows = plan.amendments.filter(plan_version=plan.version).select_related("by")
    found = rows.first()
    return Told(found, amended.facts(found.before, found.after)) if found else None


def _diff(plan: TreatmentPlan, change: Change, sessions: Sequence[Appointment]) -> Diff:
    begun = any(row.status in amended.BEGUN for row in sessions)
    after = amended.as_amended(plan, change, has_begun=begun)
    return Diff(
        plan=plan,
        amended=after,
        change=change,
        is_medical=amended.is_medical(plan, after, change),
        facts=amended.facts(
            amended.values(plan), amended.values(after, change.details)
        ),
    )


def _judge_places(diff: Diff, now: datetime) -> None:
    """What saving would refuse is refused here, before anybody reads on."""
    sessions = [amend_diff.as_planned(line) for line in diff.placed]
    if sessions:
        judging.judge_sessions(
            diff.amended, sessions, now=now, left_open=(Outcome.NEEDS_CLINICIAN,)
        )


def _saved_before(
    plan: TreatmentPlan, previewed: Sealed, actor: User
) -> PlanAmendment | None:
    """The amendment that this very submit made already, if it did."""
    made = plan.amendments.filter(plan_version=previewed.version + 1, by=actor).first()
    return made if made and made.after.get("key") == str(previewed.key) else None


def _carry_out(
    diff: Diff, previewed: Sealed, actor: User, now: datetime
) -> PlanAmendment:
    """Write the plan, its amendment, and all that follows from them."""
    plan = diff.amended
    sessions = amended.standing(plan, now)
    given_up = [row for row in sessions if row.number in previewed.given_up]
    _judge_given_up(given_up, now)
    lapses.make_way(claims.wanted(plan, previewed.placed), now=now, plan=plan)
    amendment = _write(diff, previewed, given_up, actor, now)
    if given_up:
        rest = placing.told_together(given_up, sessions)
        _give_up(plan, given_up, previewed, now)
        reminders.promise(rest, now=now)
    if previewed.placed:
        _pencil(plan, previewed, actor, now)
    amendment_letters.promise(amendment, now=now)
    windows.settle(plan, actor=actor, now=now)
    patients.log_access(actor, plan.patient, "plan amended")
    return amendment


def _judge_fresh(
    plan: TreatmentPlan,
    previewed: Sealed,
    sessions: Sequence[Appointment],
    version: int,
) -> None:
    """Refuse where plan or bookings are not those that the preview was made from."""
    standing = {row.pk: row.version for row in sessions}
    if (
        plan.pk != previewed.plan
        or {plan.version} != {version, previewed.version}
        or standing != previewed.standing
    ):
        raise BookingRefused(
            _("Plan or bookings have changed since this page was made. Look again.")
        )


def _judge_given_up(rows: Sequence[Appointment], now: datetime) -> None:
    for row in rows:
        if not row.can_be_moved or row.starts_at <= now:
            raise BookingRefused(
                _("Session %(number)s has begun or is over. It stays where it is.")
                % {"number": row.number}
            )


def _write(
    diff: Diff,
    previewed: Sealed,
    given_up: Sequence[Appointment],
    actor: User,
    now: datetime,
) -> PlanAmendment:
    """The plan as amended, and what was changed, why and by whom."""
    versions.keep(diff.plan, actor, now)
    before, after = amended.values(diff.plan), _written(diff, now)
    gone = [row.pk for row in given_up]
    return PlanAmendment.objects.create(
        plan=after,
        plan_version=after.version,
        before=before,
        after=amended.values(after, diff.change.details)
        | {"key": str(previewed.key), "given_up": gone},
        is_medical=diff.is_medical,
        reason=diff.change.reason.strip(),
        by=actor,
        at=now,
    )


def _written(diff: Diff, now: datetime) -> TreatmentPlan:
    """The plan as amended, stored: its own row, and its areas and concerns."""
    after = diff.amended
    if diff.change.details:
        details.write_rows(diff.plan, diff.change.details)
    after.version += 1
    if diff.is_medical:
        after.status, after.submitted_at = PlanStatus.SUBMITTED, now
    after.save(update_fields=WRITTEN)
    return after


def _give_up(
    plan: TreatmentPlan,
    rows: Sequence[Appointment],
    previewed: Sealed,
    now: datetime,
) -> None:
    """Cancel `rows`, and free what they take only once their new time is secured.

    So whoever amends and whoever books at the same moment never wait for each other
    (see `placing`).
    """
    left = [freed.of(row) for row in rows]
    placing.take_instead(rows, _wanted(plan, rows[0], previewed))
    Claim.objects.filter(appointment__in=rows).delete()
    reminders.withdraw(rows, now=now)
    for row in rows:
        row.status = AppointmentStatus.CANCELLED
        row.reason = previewed.change.reason.strip()[:LONGEST_REASON]
        row.save(update_fields=["status", "reason"])
    freed.report(left, now=now)


def _wanted(plan: TreatmentPlan, row: Appointment, previewed: Sealed) -> list[Claim]:
    """What the new times need, claimed by `row` until they are pencilled."""
    return [
        Claim(
            resource_id=resource,
            during=during,
            why=ClaimReason.APPOINTMENT,
            appointment=row,
        )
        for resource, during in claims.wanted(plan, previewed.placed)
    ]


def _pencil(plan: TreatmentPlan, previewed: Sealed, actor: User, now: datetime) -> None:
    holds.hold(
        plan,
        previewed.placed,
        key=previewed.key,
        strategy=STRATEGY,
        actor=actor,
        now=now,
        kind=HoldKind.PENCIL,
    )
