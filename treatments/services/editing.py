"""A draft of the next version: a copy of the published one that changes freely.

A treatment has at most one draft. Writers queue, so that nobody overwrites what he has
not seen; the published version stays as it is until a draft is published.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import User
from treatments.models import Protocol, ProtocolPart, ProtocolPhase, Treatment
from treatments.services import trail
from treatments.services.catalogue import PARTS, contents
from treatments.services.trail import Did

Row = Protocol | ProtocolPart
PERMISSION = "treatments.change_protocol"
KEYS = ("code", "name", "concern")  # by which a row is found in another treatment
APART = 1000  # no session has as many phases
MEANWHILE = gettext_lazy(
    "This draft was published or thrown away meanwhile, and nothing of yours is saved. "
    "Begin a new version to go on."
)


class CatalogueRefused(Exception):
    """A refusal whose text a person can act on; nothing has been written."""


def draft_of(treatment: Treatment) -> Protocol | None:
    """The draft of the next version of `treatment`, if somebody has begun one."""
    drafts = treatment.protocols.filter(published_at=None)
    return drafts.select_related("treatment").order_by("-version").first()


@transaction.atomic
def begin(treatment: Treatment, *, actor: User, now: datetime) -> Protocol:
    """The draft of `treatment`, copied from its published version if there is none."""
    _judge_actor(actor)
    trail.wait_for_turn()
    if draft := draft_of(treatment):
        return draft
    current = treatment.current_protocol()
    if current is None:
        raise CatalogueRefused(_("This treatment has no published version to copy."))
    draft = _copy(current)
    trail.note(draft, Did.BEGUN, actor=actor, now=now)
    return draft


def hold(treatment: Treatment) -> Protocol:
    """The draft, which nobody else changes until the transaction ends, or a refusal."""
    trail.wait_for_turn()
    if draft := draft_of(treatment):
        return draft
    raise CatalogueRefused(str(MEANWHILE))


@transaction.atomic
def keep(row: Row, *, actor: User, now: datetime) -> None:
    """Write a line or the figures of a draft, or refuse what no protocol may say."""
    _judge_actor(actor)
    draft = _draft_with(row)
    _judge(row)
    row.approved_by, row.approved_at = None, None
    row.save()
    trail.note(draft, Did.CHANGED, called(row), actor=actor, now=now)


@transaction.atomic
def remove(row: ProtocolPart, *, actor: User, now: datetime) -> None:
    """Leave a line out of the draft."""
    _judge_actor(actor)
    draft = _draft_with(row)
    name = called(row)
    row.delete()
    trail.note(draft, Did.CHANGED, name, actor=actor, now=now)


@transaction.atomic
def place(phase: ProtocolPhase, after: str) -> None:
    """Put a phase behind the one called `after`; at the beginning where it is empty."""
    _draft_with(phase)
    others = list(phase.protocol.phases.exclude(pk=phase.pk))
    names = [one.name for one in others]
    others.insert(names.index(after) + 1 if after in names else 0, phase)
    for away in (APART, 0):  # no two share a place, not even on the way
        for at, one in enumerate(others):
            one.position = at + away
            one.save(update_fields=["position"])


@transaction.atomic
def discard(draft: Protocol, *, seen: str, actor: User, now: datetime) -> None:
    """Throw a draft away; `seen` is the digest of what the page showed of it."""
    _judge_actor(actor)
    draft = hold(draft.treatment)
    judge_seen(draft, seen)
    trail.note(draft, Did.DISCARDED, actor=actor, now=now)
    draft.delete()


def digest(draft: Protocol) -> str:
    """A word for exactly what a draft says, and for what it would replace."""
    current = draft.treatment.current_protocol()
    said = repr((draft.pk, current and current.pk, contents(draft)))
    return sha256(said.encode()).hexdigest()


def judge_seen(draft: Protocol, seen: str) -> None:
    """Refuse where somebody has changed the draft since it was shown."""
    if seen == digest(draft):
        return
    notes = trail.of([draft]).get(draft.pk, [])
    who = str(notes[0].by) if notes else _("Somebody")
    raise CatalogueRefused(
        _("%(who)s has changed this draft meanwhile. Look at it again below.")
        % {"who": who}
    )


# --- The same change in other treatments ----------------------------------------------


@transaction.atomic
def spread(
    row: Row,
    before: Mapping[str, Any],
    treatments: Iterable[Treatment],
    *,
    actor: User,
    now: datetime,
) -> list[Treatment]:
    """Write in the drafts of `treatments` what changed in `row`; say which had none.

    `before` holds the changed columns as they were; empty for a new line. A treatment
    that says something else there keeps it, and so does one that has the line already.
    """
    left_alone = []
    for treatment in treatments:
        draft = begin(treatment, actor=actor, now=now)
        other = _same(row, draft, before)
        if other is None:
            left_alone.append(treatment)
            continue
        for name in before or _columns(row):
            setattr(other, name, getattr(row, name))
        keep(other, actor=actor, now=now)
    return left_alone


def _same(row: Row, draft: Protocol, before: Mapping[str, Any]) -> Row | None:
    """What `row` is in `draft`, where it says what `row` said before."""
    if isinstance(row, Protocol):
        found: Row | None = draft
    else:
        rows = type(row)._default_manager.filter(protocol=draft, **_key(row))
        found = rows.first()
        if not before:
            return (
                None if found else type(row)(protocol=draft, position=last(draft, row))
            )
    if found is None or any(getattr(found, n) != before[n] for n in before):
        return None
    return found


def last(draft: Protocol, row: ProtocolPart | type[ProtocolPart]) -> int:
    """The place behind all lines of that kind in `draft`."""
    rows = row._default_manager if isinstance(row, type) else type(row)._default_manager
    end = rows.filter(protocol=draft).order_by("-position").first()
    return end.position + 1 if end else 0


def _key(row: ProtocolPart) -> dict[str, Any]:
    return {name: getattr(row, name) for name in KEYS if hasattr(row, name)}


def _columns(row: ProtocolPart | Protocol) -> Collection[str]:
    if isinstance(row, Protocol):
        return ()
    return [field.name for field in fields(row.value_class)]


# --- Copying and judging ------------------------------------------------------------


def called(row: Row) -> str:
    """A line of a protocol by its kind and its name."""
    kind = str(row._meta.verbose_name)
    return kind if isinstance(row, Protocol) else f"{kind}: {row}"


def _copy(current: Protocol) -> Protocol:
    """An unpublished copy of `current` with every row of it; nobody vouches for it yet."""
    newest = current.treatment.protocols.order_by("-version")[0]
    draft = Protocol.objects.get(pk=current.pk)
    _forget(draft)
    draft.version, draft.published_at = newest.version + 1, None
    draft.save(force_insert=True)
    for part in PARTS.values():
        rows = list(part._default_manager.filter(protocol=current))
        for row in rows:
            _forget(row)
            row.protocol = draft
        part._default_manager.bulk_create(rows)
    return draft


def _forget(row: Row) -> None:
    row.pk, row._state.adding = None, True
    row.approved_by, row.approved_at = None, None


def _draft_with(row: Row) -> Protocol:
    """The draft that `row` belongs to, held; a refusal where it is none any more."""
    mine = row if isinstance(row, Protocol) else row.protocol
    draft = hold(mine.treatment)
    if draft.pk != mine.pk:
        raise CatalogueRefused(str(MEANWHILE))
    return draft


def _judge(row: Row) -> None:
    try:
        row.full_clean()
        if isinstance(row, ProtocolPart):
            row.as_value()
    except ValidationError as error:
        raise CatalogueRefused(str(error.messages[0])) from error
    except ValueError as error:
        raise CatalogueRefused(
            _("A reason may hold only {date} and {until} in curly brackets.")
        ) from error


def _judge_actor(actor: User) -> None:
    if not actor.has_perm(PERMISSION):
        raise CatalogueRefused(_("Only the medical director changes the catalogue."))
