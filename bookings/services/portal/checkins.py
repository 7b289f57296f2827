"""How the skin heals after a session, in the patient's words; a worry wakes a clinician."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import override

from bookings.models import (
    Appointment,
    AppointmentKind,
    CheckIn,
    CheckInMoment,
    HealingState,
    TaskKind,
)
from bookings.services import patients, todo
from bookings.services.answering import WORDS
from bookings.services.holding_back import DESK, TOOK_PLACE, session_words
from bookings.services.portal.accounts import account_of
from bookings.services.reacting import reporting
from bookings.services.refusals import BookingRefused
from bookings.services.spoken import listed
from bookings.services.visit_checks import SIGNS, signs_of

WORRIED = HealingState.WORRIED
SAME_TAP = timedelta(minutes=10)


def may_say(session: Appointment) -> bool:
    """Whether `session` took place, so that one can say how the skin heals after it."""
    return session.kind == AppointmentKind.SESSION and session.status in TOOK_PLACE


@transaction.atomic
def say(
    session: Appointment,
    *,
    moment: CheckInMoment,
    state: HealingState,
    signs: Sequence[str] = (),
    words: str = "",
    now: datetime,
) -> CheckIn:
    """Keep how the skin heals after `session`; a worry goes to a clinician at once.

    The same said again within ten minutes is the same tap, and kept once.
    """
    patients.hold(session.patient_id)
    row = Appointment.objects.with_people().get(pk=session.pk)
    if not may_say(row):
        raise BookingRefused(_("We have not noted this session as done. Call us."))
    named = [one for one in SIGNS if one in signs] if state == WORRIED else []
    facts = {"moment": moment, "state": state, "signs": named, "words": words.strip()}
    said = CheckIn(patient=row.patient, appointment=row, at=now, **facts)
    return _same_tap(said) or _keep(said, now)


def latest(session: Appointment) -> CheckIn | None:
    """What was said last about `session`."""
    return session.check_ins.order_by("-at", "-pk").first()


def _same_tap(said: CheckIn) -> CheckIn | None:
    rows = CheckIn.objects.filter(
        appointment=said.appointment,
        moment=said.moment,
        at__gt=said.at - SAME_TAP,
        at__lte=said.at,
    )
    last = rows.order_by("-at", "-pk").first()
    is_same = last and (last.state, last.signs, last.words) == (
        said.state,
        said.signs,
        said.words,
    )
    return last if is_same else None


def _keep(said: CheckIn, now: datetime) -> CheckIn:
    actor = account_of(said.patient)
    said.save(force_insert=True)
    patients.log_access(actor, said.patient, "said how the skin heals")
    if said.is_worrying:
        _wake(said, now)
    return said


def _wake(said: CheckIn, now: datetime) -> None:
    session = said.appointment
    reporting.from_check_in(said, now=now)
    with override(DESK):
        words = _("%(patient)s is worried after %(session)s. %(signs)s") % {
            "patient": said.patient,
            "session": session_words(session),
            "signs": _signs_words(said),
        }
    todo.open_task(
        TaskKind.HEALING,
        str(said.pk),
        Truncator(words).chars(WORDS),
        now=now,
        patient=said.patient,
        plan=session.plan,
        appointment=session,
    )


def _signs_words(said: CheckIn) -> str:
    signs = [one.lower() for one in signs_of(said)]
    named = _("Names %(signs)s.") % {"signs": listed(signs)} if signs else ""
    return f"{named} {said.words}".strip() or _("Names no sign.")
