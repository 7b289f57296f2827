"""What patients do themselves: sign for a plan, agree to photos or not, take it back."""

import re
from dataclasses import dataclass
from datetime import datetime
from unicodedata import category, normalize

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    Consent,
    ConsentKind,
    Patient,
    Task,
    TaskKind,
    TreatmentPlan,
)
from bookings.services import patients, series, todo
from bookings.services.consenting import standing, wording
from bookings.services.refusals import BookingRefused
from clinic.models import User

PORTAL = "portal"
TASK = "consent"


class TextChanged(BookingRefused):
    """The words are others now than those on the page: show them, keep what was typed."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What the form brought: the text it showed, and the name under it."""

    digest: str
    language: str
    name: str


@transaction.atomic
def sign(
    plan: TreatmentPlan, signature: Signature, *, actor: User, now: datetime
) -> Consent:
    """Keep the patient's signature under the words shown, or refuse and say why.

    What is signed already stays signed once. Raises TextChanged where the words are
    not those of the page any more.
    """
    plan = series.lock(plan)
    current = standing.of_plan(plan)
    if current.is_signed and current.last:
        return current.last
    if not plan.is_approved:
        raise BookingRefused(_("There is nothing to sign for this plan at the moment."))
    words = wording.for_plan(plan, signature.language)
    _judge(signature, words, plan.patient)
    row = _keep(plan.patient, words, plan=plan, name=signature.name, at=now, by=actor)
    patients.log_access(actor, plan.patient, "consent signed")
    todo.close(_tasks(plan), actor=actor, now=now)
    return row


@transaction.atomic
def take_back(plan: TreatmentPlan, *, actor: User, now: datetime) -> Consent:
    """Note that the patient takes the consent back, and tell the desk; or refuse."""
    plan = series.lock(plan)
    last = standing.of_plan(plan).last
    if last is None or not last.is_given:
        raise BookingRefused(_("This consent is not signed, or was taken back before."))
    row = Consent.objects.create(
        patient=plan.patient,
        plan=plan,
        kind=ConsentKind.TREATMENT,
        is_given=False,
        words=last.words,
        text_version=last.text_version,
        language=last.language,
        source=PORTAL,
        at=now,
        recorded_by=actor,
    )
    patients.log_access(actor, plan.patient, "consent taken back")
    tell_desk(plan, now=now)
    return row


def tell_desk(plan: TreatmentPlan, *, now: datetime) -> None:
    """Open the desk's task about a consent that was taken back."""
    with translation.override(settings.LANGUAGE_CODE):  # the desk reads it
        said = _(
            "%(patient)s takes back consent to %(treatment)s. Call before %(next)s."
        )
        words = said % {
            "patient": plan.patient,
            "treatment": plan.protocol.treatment,
            "next": _next_words(plan, now),
        }
    about = {"patient": plan.patient, "plan": plan}
    todo.open_task(TaskKind.CALL, f"{TASK}:{plan.pk}", words, now=now, **about)


def settle(plan: TreatmentPlan, *, actor: User, now: datetime) -> None:
    """Close the desk's task: the plan is agreed to again."""
    todo.close(_tasks(plan), actor=actor, now=now)


@transaction.atomic
def answer_photos(
    patient: Patient,
    signature: Signature,
    *,
    is_given: bool,
    actor: User,
    now: datetime,
) -> Consent:
    """Keep a yes, signed, or a no to photos; it changes nothing about the treatment.

    Raises TextChanged as `sign` does. The same answer to the same words is kept once.
    """
    patient = patients.hold(patient.pk)
    words = wording.for_photos(signature.language)
    last = photos(patient)
    is_same = last is not None and last.is_given == is_given
    if last and is_same and last.text_version == words.version:
        return last
    (_judge if is_given else _judge_words)(signature, words, patient)
    name = signature.name if is_given else ""
    row = _keep(patient, words, is_given=is_given, name=name, at=now, by=actor)
    patients.log_access(actor, patient, "consent to photos answered")
    return row


def photos(patient: Patient) -> Consent | None:
    """The patient's last word on photos."""
    rows = patient.consents.filter(kind=ConsentKind.PHOTOS)
    return rows.order_by("-at", "-pk").first()


def is_name_of(typed: str, patient: Patient) -> bool:
    """Whether `typed` is the patient's full name; accents, case and hyphens aside."""
    return bool(typed.strip()) and _plain(typed) == _plain(str(patient))


def _plain(name: str) -> str:
    letters = (
        sign
        for sign in normalize("NFKD", name.casefold())
        if category(sign) not in ("Mn", "Cf")
    )
    return " ".join(re.findall(r"\w+", "".join(letters)))


def _judge(signature: Signature, words: wording.Words, patient: Patient) -> None:
    _judge_words(signature, words, patient)
    if not is_name_of(signature.name, patient):
        said = _("Type your full name as we have it: %(name)s.")
        raise BookingRefused(said % {"name": patient})


def _judge_words(signature: Signature, words: wording.Words, _of: Patient) -> None:
    if signature.digest != words.digest:
        raise TextChanged(
            _("The text has changed since you opened it. Read it again, then answer.")
        )


def _keep(
    patient: Patient,
    words: wording.Words,
    *,
    at: datetime,
    by: User,
    name: str,
    plan: TreatmentPlan | None = None,
    is_given: bool = True,
) -> Consent:
    return Consent.objects.create(
        patient=patient,
        plan=plan,
        kind=ConsentKind.TREATMENT if plan else ConsentKind.PHOTOS,
        is_given=is_given,
        words=words.text,
        text_version=words.version,
        language=words.language,
        signed_name=" ".join(name.split()),
        source=PORTAL,
        at=at,
        recorded_by=by,
    )


def _tasks(plan: TreatmentPlan) -> QuerySet[Task]:
    return Task.objects.filter(key=f"{TaskKind.CALL}:{TASK}:{plan.pk}")


def _next_words(plan: TreatmentPlan, now: datetime) -> str:
    rows = Appointment.objects.standing(now).filter(
        plan=plan, during__startswith__gt=now
    )
    first = rows.select_related("location").order_by("during").first()
    if first is None:
        return _("anything is booked")
    return _("the visit on %(day)s") % {
        "day": date_format(first.local_start, "D j M, H:i")
    }
