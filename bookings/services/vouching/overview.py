"""The catalogue on one page, and the versions of one treatment."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from bookings.models import TreatmentPlan
from treatments.models import Protocol, Treatment
from treatments.services import catalogue, trail
from treatments.services.trail import Did, Note


@dataclass(frozen=True, slots=True)
class Version:
    """A published version, who published it here if anybody did, and its open plans."""

    protocol: Protocol
    published: Note | None
    plans: int


@dataclass(frozen=True, slots=True)
class Row:
    """A treatment: its current version, what waits to be confirmed, and any draft."""

    treatment: Treatment
    current: Version | None
    waiting: int
    draft: Protocol | None
    last: Note | None


def rows() -> list[Row]:
    """Each treatment with where it stands; as many queries for many as for one."""
    current = {one.treatment_id: one for one in Protocol.objects.current()}
    waiting = Counter(value.treatment.pk for value in catalogue.unconfirmed())
    drafts = {
        one.treatment_id: one
        for one in Protocol.objects.filter(published_at=None).order_by("version")
    }
    versions = {one.protocol.pk: one for one in _versions(current.values())}
    notes = trail.of(drafts.values())
    return [
        Row(
            treatment,
            versions[current[treatment.pk].pk] if treatment.pk in current else None,
            waiting[treatment.pk],
            draft := drafts.get(treatment.pk),
            next(iter(notes.get(draft.pk, [])), None) if draft else None,
        )
        for treatment in Treatment.objects.all()
    ]


def versions(treatment: Treatment) -> list[Version]:
    """The published versions of `treatment`, the newest first."""
    rows = treatment.protocols.published().select_related("approved_by", "treatment")
    return _versions(rows.order_by("-version"))


def last_note(draft: Protocol) -> Note | None:
    """Who touched `draft` last."""
    return next(iter(trail.of([draft]).get(draft.pk, [])), None)


def _versions(protocols: Iterable[Protocol]) -> list[Version]:
    found = list(protocols)
    notes = trail.of(found)
    counted = (
        TreatmentPlan.objects.open()
        .filter(protocol__in=found)
        .values_list("protocol")
        .annotate(count=Count("pk"))
        .order_by()
    )
    plans = dict(counted)
    return [
        Version(one, _published(notes.get(one.pk, [])), plans.get(one.pk, 0))
        for one in found
    ]


def _published(notes: Iterable[Note]) -> Note | None:
    return next((one for one in notes if one.did is Did.PUBLISHED), None)
