"""Undo: for a few minutes, what a person has just done can be put back as it was.

`recording` looks at all that stands for the patient before an act and after it, and
gives a sealed token that only this person can use, once nothing else has changed. All
of it is put back in one transaction: times, states, versions, claims, and messages.
What it allowed against a rule stays on record, and counts no more.
What the patient had been told stays right, for nothing of the act has left by then;
where it has, the desk is asked to move or cancel openly.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pghistory
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Claim,
    ClaimReason,
    Message,
    MessageStatus,
    RuleOverride,
    Task,
    TaskKind,
    TreatmentPlan,
)
from bookings.models.appointments import GIVEN_UP
from bookings.services import overrides, patients, requests, series
from bookings.services.moves import (
    backwards,
    freed,
    given_up,
    placing,
    standing,
    unheard,
    windows,
)
from bookings.services.recording import kept
from bookings.services.refusals import BookingRefused
from clinic.models import User

SALT = "bookings.undo"
LASTS = timedelta(minutes=10)
TAKEN_BACK = (MessageStatus.SUPERSEDED, MessageStatus.SUPPRESSED)
BY_RULE = (TaskKind.WINDOW, TaskKind.PLACE, TaskKind.LATE)
State = dict[str, Any]
"""One visit as plain values: its fields, and its claims in order."""


@dataclass(slots=True)
class Recording:
    """What an act changed; `token` undoes it, and is empty where nothing can be."""

    token: str = ""
    before: dict[int, State] = field(default_factory=dict)
    waited: set[int] = field(default_factory=set)
    known: set[int] = field(default_factory=set)
    asked: set[int] = field(default_factory=set)
    allowed: set[int] = field(default_factory=set)


@contextmanager
def recording(
    about: Appointment | TreatmentPlan, *, actor: User, now: datetime
) -> Iterator[Recording]:
    """Do inside what may be undone: one transaction, with patient and plan held.

    A refusal inside undoes all of it, as ever. Read `token` afterwards.
    """
    record = Recording()
    with transaction.atomic():
        plan = about if isinstance(about, TreatmentPlan) else about.plan
        _hold(about.patient_id, plan.pk if plan else None)
        record.before = _states(about.patient_id)
        record.waited, record.known = _messages(about.patient_id)
        record.asked = _asked(about.patient_id)
        record.allowed = _allowed(about.patient_id)
        yield record
        sealed = _sealed(record, about.patient_id, plan.pk if plan else None)
        if sealed["rows"]:
            sealed |= {"actor": actor.pk, "until": (now + LASTS).isoformat()}
            record.token = signing.dumps(sealed, salt=SALT, compress=True)


def _hold(patient: int, plan: int | None) -> None:
    patients.hold(patient)
    if plan is not None:
        TreatmentPlan.objects.select_for_update(no_key=True).get(pk=plan)


def _states(patient: int) -> dict[int, State]:
    rows = Appointment.objects.filter(patient=patient).prefetch_related("claims")
    return {row.pk: _state(row) for row in rows}


def _state(row: Appointment) -> State:
    had = [
        [
            claim.resource_id,
            claim.role,
            claim.during.lower.isoformat(),
            claim.during.upper.isoformat(),
        ]
        for claim in sorted(row.claims.all(), key=lambda claim: claim.sort_key)
    ]
    return {
        "start": row.starts_at.isoformat(),
        "end": row.ends_at.isoformat(),
        "status": str(row.status),
        "version": row.version,
        "completed": row.completed_at.isoformat() if row.completed_at else "",
        "claims": had,
    }


def _messages(patient: int) -> tuple[set[int], set[int]]:
    """The patient's messages: those that may still leave, and all."""
    rows = Message.objects.filter(patient=patient, appointment__isnull=False)
    return set(rows.waiting().values_list("pk", flat=True)), set(
        rows.values_list("pk", flat=True)
    )


def _asked(patient: int) -> set[int]:
    """Open tasks of the patient that open and close by rule."""
    rows = Task.objects.open().filter(patient=patient, kind__in=BY_RULE)
    return set(rows.values_list("pk", flat=True))


def _allowed(patient: int) -> set[int]:
    """Rules that were set aside for the patient; those rows stay for good."""
    rows = RuleOverride.objects.filter(plan__patient=patient)
    return set(rows.values_list("pk", flat=True))


def _sealed(record: Recording, patient: int, plan: int | None) -> dict[str, Any]:
    """What changed, as plain values: by row what stood before, and how it stands now."""
    after = _states(patient)
    changed = {pk for pk, state in after.items() if record.before.get(pk) != state}
    rows = [[pk, record.before.get(pk), _digest(after[pk])] for pk in sorted(changed)]
    about = Message.objects.filter(appointment__in=changed)
    known = about.values_list("pk", flat=True)
    return {
        "patient": patient,
        "plan": plan,
        "rows": rows,
        "taken_back": sorted(record.waited.intersection(known)),
        "promised": sorted(_promised(record, patient)),
        "closed": sorted(record.asked - _asked(patient)),
        "allowed": sorted(_allowed(patient) - record.allowed),
        "others": _others(after, changed),
    }


def _promised(record: Recording, patient: int) -> set[int]:
    """Messages that the act wrote, or promised again."""
    waiting, known = _messages(patient)
    return (known - record.known) | (waiting - record.waited)


def _others(states: Mapping[int, State], changed: Collection[int]) -> str:
    """The patient's other visits: where each that is not given up stands."""
    return _digest(
        {
            str(pk): [state["start"], state["end"]]
            for pk, state in states.items()
            if pk not in changed and state["status"] not in GIVEN_UP
        }
    )


def _digest(state: Mapping[str, Any]) -> str:
    text = json.dumps(state, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@transaction.atomic
def undo(token: str, *, actor: User, now: datetime) -> list[Appointment]:
    """Put back all that the act behind `token` changed; the visits as they stand again.

    Refused, in words, after ten minutes, to anybody else, where anything of it has
    changed since or is somebody else's by now, and where words about it have left.
    """
    sealed = _read(token, actor, now)
    _hold(sealed["patient"], sealed["plan"])
    rows = {row.pk: row for row in _rows(sealed)}
    _judge_same(rows, sealed)
    kept.judge_unrecorded(rows.values())
    _judge_unsaid(sealed["promised"], now)
    before = {pk: state for pk, state, _after in sealed["rows"]}
    left = [freed.of(row) for row in rows.values() if row.claims.all()]
    wanted = [claim for row in rows.values() for claim in _claims(row, before[row.pk])]
    _judge_free(wanted, rows.values(), before, now=now)
    with pghistory.context(**{overrides.TAKEN_BACK: sealed["allowed"]}):
        _write(rows, before)
    _claim(rows.values(), wanted)
    _take_back(sealed["promised"], sealed["taken_back"])
    _ask_again(sealed["closed"])
    for row in rows.values():
        windows.settle_around(row, actor=actor, now=now)
    freed.report(_given_back(left, rows.values()), now=now)
    return list(rows.values())


def _read(token: str, actor: User, now: datetime) -> dict[str, Any]:
    try:
        sealed: dict[str, Any] = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise BookingRefused(_("That cannot be undone. Nothing was changed.")) from None
    if sealed["actor"] != actor.pk:
        raise BookingRefused(_("Only who did it can undo it. Nothing was changed."))
    if now >= datetime.fromisoformat(sealed["until"]):
        raise BookingRefused(
            _("It is too late to undo that. Move or cancel it openly instead.")
        )
    return sealed


def _rows(sealed: Mapping[str, Any]) -> Iterable[Appointment]:
    pks = [pk for pk, _before, _after in sealed["rows"]]
    return Appointment.objects.with_people().filter(pk__in=pks).order_by("pk")


def _judge_same(rows: Mapping[int, Appointment], sealed: Mapping[str, Any]) -> None:
    """Refuse where the visits, or the patient's others, stand differently by now."""
    same = all(
        pk in rows and _digest(_state(rows[pk])) == after
        for pk, _before, after in sealed["rows"]
    )
    if not same or _others(_states(sealed["patient"]), rows) != sealed["others"]:
        raise BookingRefused(
            _("Somebody has changed it since, so it was not undone. Look again.")
        )


def _judge_unsaid(promised: Iterable[int], now: datetime) -> None:
    """Refuse where the patient has read of it, or is about to; no sender takes it up.

    The messages are held, so that none of them leaves between this look and the end.
    """
    about = Message.objects.filter(pk__in=promised).order_by("pk")
    if any(_is_said(one, now) for one in about.select_for_update(no_key=True)):
        raise BookingRefused(
            _(
                "The patient has been told already, so it was not undone. Move, cancel "
                "or reopen it openly: then the patient hears of that too."
            )
        )


def _is_said(message: Message, now: datetime) -> bool:
    if message.status == MessageStatus.SENDING:
        return message.lease_until is not None and message.lease_until > now
    return message.is_sent


def _claims(row: Appointment, before: State | None) -> list[Claim]:
    """Unsaved claims of `row` as it stood before; none for one that was not there."""
    return [
        Claim(
            resource_id=resource,
            role=role,
            during=_range(start, end),
            why=ClaimReason.APPOINTMENT,
            appointment=row,
        )
        for resource, role, start, end in (before["claims"] if before else ())
    ]


def _judge_free(
    wanted: Iterable[Claim],
    rows: Iterable[Appointment],
    before: Mapping[int, State | None],
    *,
    now: datetime,
) -> None:
    """Refuse before anything is written; an offer that nobody has read makes way."""
    own = list(Claim.objects.filter(appointment__in=[row.pk for row in rows]))
    missing = placing.beside(wanted, own)
    unheard.make_way(missing, now=now)
    backwards.make_room(missing, now=now)
    for row in rows:
        then = before[row.pk]
        if then is not None and _returns(row, then):
            there = given_up.as_it_was(row, _range(then["start"], then["end"]))
            mine = [one for one in wanted if one.appointment_id == row.pk]
            backwards.judge_return(there, mine, now=now)


def _returns(row: Appointment, then: State) -> bool:
    """Whether it stands again, or on another day than now."""
    if AppointmentStatus(then["status"]) not in standing.UNDER_WAY:
        return False
    start = datetime.fromisoformat(then["start"]).astimezone(row.location.zone)
    return not row.is_live or start.date() != row.local_date


def _write(rows: Mapping[int, Appointment], before: Mapping[int, State | None]) -> None:
    """Write the rows: first what is let go, then what moves, then what stands again."""
    ordered = sorted(rows.values(), key=lambda row: _turn(row, before[row.pk]))
    for row in ordered:
        was = row.status
        _restore(row, before[row.pk])
        row.reason = _("Undone")
        try:
            row.save(
                update_fields=["during", "status", "version", "completed_at", "reason"]
            )
        except IntegrityError as error:
            raise series.refusal(error) from error
        requests.follow(row, was=was)


def _turn(row: Appointment, then: State | None) -> tuple[int, int]:
    """What moves later goes last session first, what moves earlier first session first."""
    number = row.number or 0
    if then is None:
        return 0, number
    if not row.is_live:
        return 3, number
    later = datetime.fromisoformat(then["start"]) > row.starts_at
    return (2, -number) if later else (1, number)


def _restore(row: Appointment, then: State | None) -> None:
    """What was booked by the act is let go; everything else is as it was."""
    if then is None:
        row.status = AppointmentStatus.RELEASED
        return
    row.during = _range(then["start"], then["end"])
    row.status, row.version = AppointmentStatus(then["status"]), then["version"]
    done = then["completed"]
    row.completed_at = datetime.fromisoformat(done) if done else None


def _claim(rows: Iterable[Appointment], wanted: list[Claim]) -> None:
    try:
        placing.take_instead(list(rows), wanted)
    except BookingRefused:
        raise BookingRefused(
            _("Its time was taken this very moment, so it was not undone.")
        ) from None


def _take_back(promised: Iterable[int], taken_back: Iterable[int]) -> None:
    """Nothing of the act leaves any more, and what it took back is promised again."""
    Message.objects.filter(pk__in=promised).exclude(status=MessageStatus.SENT).update(
        status=MessageStatus.SUPERSEDED,
        problem=_("It was undone before it left."),
        lease_until=None,
        lease_token=None,
    )
    Message.objects.filter(pk__in=taken_back, status__in=TAKEN_BACK).update(
        status=MessageStatus.PLANNED, problem="", attempts=0, lease_until=None
    )


def _ask_again(closed: Iterable[int]) -> None:
    """Tasks that the act settled are open again; those that need not be close at once."""
    rows = Task.objects.filter(pk__in=closed, closed_at__isnull=False)
    known = Task.objects.open().values("key")
    rows.exclude(key__in=known).update(closed_at=None, closed_by=None)


def _given_back(
    left: Iterable[freed.FreedTime], rows: Iterable[Appointment]
) -> list[freed.FreedTime]:
    """The times that the act had taken and that nobody has now."""
    stands = {(row.pk, row.starts_at) for row in rows if row.is_live}
    return [one for one in left if (one.appointment.pk, one.starts_at) not in stands]


def _range(start: str, end: str) -> DateTimeTZRange:
    return DateTimeTZRange(datetime.fromisoformat(start), datetime.fromisoformat(end))
