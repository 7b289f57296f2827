"""What joining two records means: what differs, what moves, what stands against it."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Model
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.models import (
    AccessLog,
    Appointment,
    HealthAnswer,
    Message,
    Patient,
    TaskKind,
    TreatmentPlan,
)
from bookings.services import screening, todo
from bookings.services.people.facts import FACTS, label, shown, value

KINDS = {
    "accesslog": gettext_lazy("looks at the record"),
    "awaydates": gettext_lazy("dates to avoid"),
    "consent": gettext_lazy("agreements"),
    "consultationrequest": gettext_lazy("requests"),
    "patientfile": gettext_lazy("files"),
    "photo": gettext_lazy("photos"),
    "waitingentry": gettext_lazy("waiting-list entries"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact on which two records differ, as shown; `takes_gone` proposes the other's."""

    name: str
    label: str
    kept: str
    gone: str
    takes_gone: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would do. With `refusals` it is not done; `cautions` only warn.

    `moving` counts the rows that move by kind in words; `same` are facts on which both
    agree. `seal` changes with anything shown here.
    """

    kept: Patient
    gone: Patient
    differences: list[Difference]
    same: list[tuple[str, str]]
    moving: list[tuple[str, int]]
    cautions: list[str]
    refusals: list[str]
    seal: str


def preview(
    kept: Patient, gone: Patient, counts: Iterable[tuple[type[Model], int]]
) -> Preview:
    """What joining `gone` to `kept` would do; `counts` are the rows of each model."""
    counted = [(kind_of(model), count) for model, count in counts if count]
    looks = kind_of(AccessLog)  # somebody who only looks changes nothing
    places = _places(kept)
    agreed = [
        (label(name), shown(kept, name, places))
        for name in FACTS
        if value(kept, name) == value(gone, name) and value(kept, name)
    ]
    return Preview(
        kept=kept,
        gone=gone,
        differences=_differences(kept, gone),
        same=agreed,
        moving=counted,
        cautions=list(_cautions(kept, gone)),
        refusals=list(_refusals(kept, gone)),
        seal=_seal(kept, gone, [pair for pair in counted if pair[0] != looks]),
    )


def kind_of(model: type[Model]) -> str:
    """Rows of `model` in words, plural."""
    plural = KINDS.get(model._meta.model_name or "", model._meta.verbose_name_plural)
    return str(plural)


def readdress(kept: Patient) -> None:
    """Messages still to leave are written in the language of the joined record."""
    Message.objects.waiting().filter(patient=kept).update(language=kept.language)


def ask_again(
    kept: Patient, gone: Patient, asked: Iterable[str], *, now: datetime
) -> None:
    """Put on the list the questions `asked` that were answered differently, if any."""
    if not asked:
        return
    words = _(
        "Ask %(patient)s again: two records gave different answers (%(questions)s)."
    )
    told = {"patient": kept, "questions": "; ".join(asked)}
    todo.open_task(
        TaskKind.CALL, f"merged:{gone.pk}", words % told, now=now, patient=kept
    )


def _differences(kept: Patient, gone: Patient) -> list[Difference]:
    places = _places(kept, gone)
    return [
        Difference(
            name,
            label(name),
            shown(kept, name, places),
            shown(gone, name, places),
            takes_gone=not value(kept, name),
        )
        for name in FACTS
        if value(kept, name) != value(gone, name)
    ]


def _places(*patients: Patient) -> dict[int, str]:
    return {one.location.pk: str(one.location) for one in patients if one.location}


def _seal(kept: Patient, gone: Patient, counted: list[tuple[str, int]]) -> str:
    facts = [str(value(one, name)) for one in (kept, gone) for name in FACTS]
    text = repr((kept.pk, gone.pk, facts, counted, kept.user_id, gone.user_id))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _refusals(kept: Patient, gone: Patient) -> Iterator[str]:
    if kept.pk == gone.pk:
        yield _("These are one record already.")
    for one in (kept, gone):
        if one.merged_into_id:
            yield _("The record of %(patient)s was merged already.") % {"patient": one}
    for ours, theirs in _clashes(kept, gone):
        yield _(
            "Both have an appointment on %(when)s (%(one)s and %(other)s). "
            "Move or cancel one of them first."
        ) % {"when": _when(ours), "one": ours.code, "other": theirs.code}


def _clashes(kept: Patient, gone: Patient) -> list[tuple[Appointment, Appointment]]:
    ours, theirs = _visits(kept), _visits(gone)
    return [
        (one, other)
        for one in ours
        for other in theirs
        if one.starts_at < other.ends_at and other.starts_at < one.ends_at
    ]


def _visits(patient: Patient) -> list[Appointment]:
    rows = Appointment.objects.live().filter(patient=patient)
    return list(rows.select_related("location"))


def _when(visit: Appointment) -> str:
    return date_format(visit.local_start, "D j M Y, H:i")


def _cautions(kept: Patient, gone: Patient) -> Iterator[str]:
    for treatment in _planned_twice(kept, gone):
        yield _(
            "Both have a plan for %(treatment)s. Both plans stay; "
            "look whether one was drafted twice."
        ) % {"treatment": treatment}
    for question in contradictions(kept, gone):
        yield _(
            "Different answers: “%(question)s” The later answer counts, both stay "
            "in the record, and a task to ask again is opened."
        ) % {"question": question}
    for day in _double_days(kept, gone):
        yield _("Two visits on %(day)s.") % {"day": date_format(day, "D j M Y")}


def _planned_twice(kept: Patient, gone: Patient) -> list[str]:
    ours, theirs = (
        {
            plan.protocol.treatment_id: plan.protocol.treatment.name
            for plan in TreatmentPlan.objects.open()
            .filter(patient=one)
            .select_related("protocol__treatment")
        }
        for one in (kept, gone)
    )
    return sorted(ours[key] for key in ours.keys() & theirs.keys())


def contradictions(kept: Patient, gone: Patient) -> list[str]:
    """Questions, in words, to which the newest answers of the two records differ."""
    ours, theirs = (_newest(one) for one in (kept, gone))
    differ = sorted(q for q in ours.keys() & theirs.keys() if ours[q] != theirs[q])
    texts = screening.texts_of(differ)
    return [texts.get(code, code) for code in differ]


def _newest(patient: Patient) -> dict[str, str]:
    rows = HealthAnswer.objects.filter(patient=patient)
    return dict(
        rows.order_by("question", "-answered_at", "-pk")
        .distinct("question")
        .values_list("question", "value")
    )


def _double_days(kept: Patient, gone: Patient) -> list[date]:
    ours = {visit.local_date for visit in _visits(kept)}
    return sorted(ours & {visit.local_date for visit in _visits(gone)})
