"""Two records of one person made one. Nothing is deleted: rows move, and it is kept who
joined what.

Whatever points at a patient is found by walking the models, so that a model added later
moves too. What stays is the history: events of rows as they were, and earlier merges.
"""

from collections.abc import Collection, Iterable
from contextlib import nullcontext
from datetime import datetime
from typing import Any
from uuid import uuid4

import pghistory.models
import pgtrigger
from django.db import transaction
from django.db.models import (
    Exists,
    ForeignKey,
    Model,
    OuterRef,
    QuerySet,
    UniqueConstraint,
)
from django.utils.translation import gettext as _

from bookings.models import (
    AwayDates,
    Patient,
    PatientMerge,
    TreatmentPlan,
)
from bookings.services import patients
from bookings.services.people import joining
from bookings.services.people.facts import FACTS
from bookings.services.refusals import BookingRefused
from clinic.models import User

# Facts about records, not about the person: they stay where they were written.
STAYS = (Patient, PatientMerge)


@transaction.atomic
def merge(
    kept: Patient,
    gone: Patient,
    *,
    actor: User,
    now: datetime,
    take: Collection[str] = (),
    seen: str = "",
) -> PatientMerge:
    """Move all that is `gone`'s to `kept`, or refuse; nothing is lost.

    `take`: facts of which `gone`'s value counts; `seen`: the seal of the preview shown.
    """
    kept, gone = _lock(kept, gone)
    _judge(kept, gone, take, seen)
    asked = joining.contradictions(kept, gone)
    moved = _move_all(kept, gone)
    _move_account(kept, gone, take)
    _take_facts(kept, gone, take)
    _point(kept, gone)
    joining.readdress(kept)
    joining.ask_again(kept, gone, asked, now=now)
    patients.log_access(actor, kept, "merged")
    about = {"by": actor, "at": now, "moved": moved}
    return PatientMerge.objects.create(kept=kept, gone=gone, **about)


def preview(kept: Patient, gone: Patient) -> joining.Preview:
    """What `merge` would do to these two, before anything is done."""
    counts = [
        (field.model, field.model._base_manager.filter(**{field.name: gone}).count())
        for field in pointers()
    ]
    return joining.preview(kept, gone, counts)


def pointers() -> list[ForeignKey[Any, Any]]:
    """Every field, of whatever model, by which a row belongs to a patient and moves."""
    relations: list[Any] = Patient._meta.get_fields(include_hidden=True)
    fields = (one.field for one in relations if one.auto_created and not one.concrete)
    return [field for field in fields if not _stays(field.model)]


def _stays(model: type[Model]) -> bool:
    return model in STAYS or issubclass(model, pghistory.models.Event)


def _lock(kept: Patient, gone: Patient) -> tuple[Patient, Patient]:
    """Hold both, then their plans, in the order of their keys.

    Whoever writes for a patient holds the patient first (`patients.hold`), and so comes
    before the merge or is told of it.
    """
    both = {kept.pk, gone.pk}
    if len(both) < 2:
        raise BookingRefused(_("These are one record already."))
    rows = Patient.objects.select_for_update().filter(pk__in=both).order_by("pk")
    held = {row.pk: row for row in rows}
    plans = TreatmentPlan.objects.select_for_update(no_key=True)
    list(plans.filter(patient__in=both).order_by("pk").values_list("pk"))
    return held[kept.pk], held[gone.pk]


def _judge(kept: Patient, gone: Patient, take: Collection[str], seen: str) -> None:
    shown = preview(kept, gone)
    if shown.refusals:
        raise BookingRefused(" ".join(shown.refusals))
    if seen and seen != shown.seal:
        raise BookingRefused(
            _("One of the two records has changed meanwhile. Look at both once more.")
        )
    email, phone = (
        getattr(gone if name in take else kept, name) for name in ("email", "phone")
    )
    if not email and not phone:
        raise BookingRefused(_("Keep a phone number or an e-mail address."))


def _move_all(kept: Patient, gone: Patient) -> dict[str, int]:
    """Move every row; how many of each kind did."""
    moved = {}
    for field in pointers():
        if count := _move(field, kept, gone):
            moved[field.model._meta.label_lower] = count
    return moved


def _move(field: ForeignKey[Any, Any], kept: Patient, gone: Patient) -> int:
    """Move the rows of one kind, append-only ones too.

    What `kept` has word for word already stays with `gone`, whose record is never
    deleted.
    """
    model = field.model
    if model is AwayDates:
        _take_labels(kept, gone)
    rows = _without_twins(field, model._base_manager.filter(**{field.name: gone}), kept)
    shut = append_only(model)
    # Without names, pgtrigger.ignore would lift every trigger, the history's too.
    opened = pgtrigger.ignore(*shut) if shut else nullcontext()
    with opened, transaction.atomic():
        return rows.update(**{field.name: kept})


def append_only(model: type[Model]) -> list[str]:
    """The triggers that keep the rows of `model` as they were written."""
    return [
        f"{model._meta.label}:{trigger.name}"
        for trigger in getattr(model._meta, "triggers", ())
        if isinstance(trigger, pgtrigger.Protect)
        and pgtrigger.Update in (trigger.operation or ())
    ]


def _without_twins(
    field: ForeignKey[Any, Any], rows: QuerySet[Any], kept: Patient
) -> QuerySet[Any]:
    for others in _unique_with(field):
        twins = field.model._base_manager.filter(
            **{field.name: kept}, **{name: OuterRef(name) for name in others}
        )
        rows = rows.exclude(Exists(twins))
    return rows


def _unique_with(field: ForeignKey[Any, Any]) -> Iterable[list[str]]:
    """The other fields of each rule that keeps rows of a patient apart."""
    for rule in field.model._meta.constraints:
        if not isinstance(rule, UniqueConstraint) or rule.condition is not None:
            continue
        if field.name in rule.fields:
            yield [name for name in rule.fields if name != field.name]


def _take_labels(kept: Patient, gone: Patient) -> None:
    """Dates that both want to avoid keep what they are for, if only one said it."""
    said = gone.away_dates.exclude(label="")
    for first, last, label in said.values_list("first_day", "last_day", "label"):
        kept.away_dates.filter(first_day=first, last_day=last, label="").update(
            label=label
        )


def _move_account(kept: Patient, gone: Patient, take: Collection[str]) -> None:
    """The account of the mailbox that counts from now on goes along, no other.

    Where that is another mailbox than `kept` had, no link sent there opens anything.
    """
    mailbox = gone.email if "email" in take else kept.email
    accounts = [one.user for one in (kept, gone) if at(mailbox, one) and one.user]
    Patient.objects.filter(pk=gone.pk).update(user=None)
    kept.user = accounts[0] if accounts else None
    if not at(mailbox, kept):
        kept.link_key = uuid4()
    kept.save(update_fields=["user", "link_key"])


def at(mailbox: str, patient: Patient) -> bool:
    """Whether `patient` is written to at `mailbox`."""
    return patient.email.lower() == mailbox.lower()


def _take_facts(kept: Patient, gone: Patient, take: Collection[str]) -> None:
    facts = {name: getattr(gone, name) for name in FACTS if name in take}
    for name, value in facts.items():
        setattr(kept, name, value)
    if facts:
        kept.save(update_fields=list(facts))


def _point(kept: Patient, gone: Patient) -> None:
    """`gone`, and whatever was merged into it before, leads to `kept`."""
    Patient.objects.filter(merged_into=gone).update(merged_into=kept)
    Patient.objects.filter(pk=gone.pk).update(merged_into=kept)
