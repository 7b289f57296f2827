"""Loading the catalogue's data into tables: nothing new, nothing written."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from treatments.composition import Composed, Figures
from treatments.models import BodyArea, Concern, Modality, Protocol, Treatment
from treatments.services import trail
from treatments.services.catalogue import PARTS, contents
from treatments.services.catalogue_file import (
    Catalogue,
    CatalogueMalformedError,
    Offer,
    Word,
)

CATALOGUE = Path(__file__).resolve().parent.parent / "catalogue.toml"


@transaction.atomic
def load(catalogue: Catalogue, *, now: datetime) -> list[str]:
    """Make the tables say what `catalogue` says; return each change in words.

    The same catalogue again changes nothing. A protocol that differs becomes a new
    version, published at `now`; what did not change in it keeps its approval. A version
    that somebody published here stays, see `kept`. Nothing is ever removed. Raises
    CatalogueMalformedError, with nothing written.
    """
    trail.wait_for_turn()  # two loads queue
    changes = [
        *_load_words(Concern, "concern", catalogue.concerns),
        *_load_words(BodyArea, "area", catalogue.areas),
        *_load_words(Modality, "modality", catalogue.modalities),
    ]
    for position, offer in enumerate(catalogue.treatments):
        treatment, news = _load_treatment(offer, position)
        changes += news
        changes += _load_protocol(treatment, catalogue.protocols[offer.code], now)
    return changes


def kept(catalogue: Catalogue) -> list[str]:
    """What `catalogue` says otherwise than a version that was published here."""
    lines = []
    for offer in catalogue.treatments:
        treatment = Treatment.objects.filter(code=offer.code).first()
        current = treatment.current_protocol() if treatment else None
        if current is None or not trail.published(current):
            continue
        news = differences(contents(current), catalogue.protocols[offer.code])
        lines += [f"{offer.code}, version {current.version}: {line}" for line in news]
    return lines


# --- Words and treatments ------------------------------------------------------------


def _load_words(model: type[Any], what: str, words: Iterable[Word]) -> Iterator[str]:
    for position, word in enumerate(words):
        facts = {"name": word.name, "source": word.source, "position": position}
        if model is Modality:
            facts["summary"] = word.summary
        row, news = _write(model, word.code, facts)
        yield from (f"{what} {row.code}: {change}" for change in news)


def _load_treatment(offer: Offer, position: int) -> tuple[Treatment, list[str]]:
    names = ("name", "short_code", "shape", "summary", "source")
    facts = {name: getattr(offer, name) for name in names}
    row, news = _write(Treatment, offer.code, facts | {"position": position})
    for name, model in (
        ("modalities", Modality),
        ("concerns", Concern),
        ("areas", BodyArea),
    ):
        wanted = _coded(model, getattr(offer, name), f"treatment {offer.code}.{name}")
        if set(getattr(row, name).all()) != set(wanted):
            getattr(row, name).set(wanted)
            news.append(f"{name} are now {', '.join(w.code for w in wanted)}")
    return row, [f"treatment {offer.code}: {change}" for change in news]


def _write(model: type[Any], code: str, facts: dict[str, Any]) -> tuple[Any, list[str]]:
    """The row with `code`, made or changed to hold `facts`, and what changed."""
    row = model.objects.filter(code=code).first()
    if row is None:
        row = model(code=code, **facts)
        _judge(f"{model.__name__.lower()} {code}", row.full_clean)
        row.save(force_insert=True)
        return row, ["new"]
    changed = {name for name in facts if getattr(row, name) != facts[name]}
    if not changed:
        return row, []
    for name in changed:
        setattr(row, name, facts[name])
    _judge(f"{model.__name__.lower()} {code}", row.full_clean)
    row.save(update_fields=changed)
    return row, [f"{name} is now “{facts[name]}”" for name in sorted(changed)]


def _coded(model: type[Any], codes: Sequence[str], where: str) -> list[Any]:
    rows = {row.code: row for row in model.objects.filter(code__in=codes)}
    if missing := [code for code in codes if code not in rows]:
        raise CatalogueMalformedError(
            f"{where}: “{missing[0]}” is not in this catalogue"
        )
    return [rows[code] for code in codes]


def _insert(rows: Sequence[Any], wheres: Sequence[str]) -> None:
    """Write rows of one table; where its rules refuse, say which row and why."""
    links = {field.name for field in rows[0]._meta.fields if field.is_relation}
    for row, where in zip(rows, wheres, strict=True):
        _judge(where, partial(row.clean_fields, exclude=links))
    try:
        with transaction.atomic():
            type(rows[0])._default_manager.bulk_create(rows)
    except IntegrityError:
        for row, where in zip(rows, wheres, strict=True):
            _judge(where, row.validate_constraints)
        raise


def _judge(where: str, judge: Callable[[], None]) -> None:
    """Run a check of Django's, and put its first complaint in one line."""
    try:
        judge()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        at = where if field == "__all__" else f"{where}.{field}"
        raise CatalogueMalformedError(f"{at}: {messages[0]}") from error


# --- Protocols -----------------------------------------------------------------------


def differences(old: Composed, new: Composed) -> list[str]:
    """What differs between two protocols, one line for each value."""
    lines = [
        f"{f.name} {getattr(old.figures, f.name)} → {getattr(new.figures, f.name)}"
        for f in fields(Figures)
        if getattr(old.figures, f.name) != getattr(new.figures, f.name)
    ]
    for name in PARTS:
        lines += _differences(name, getattr(old, name), getattr(new, name))
    return lines


def _differences(name: str, old: Sequence[Any], new: Sequence[Any]) -> list[str]:
    before = {_key(value): value for value in old}
    after = {_key(value): value for value in new}
    lines = [f"{name}: {key} is new" for key in after if key not in before]
    lines += [f"{name}: {key} is gone" for key in before if key not in after]
    lines += [
        f"{name}: {key} has changed"
        for key in after
        if key in before and before[key] != after[key]
    ]
    if not lines and old != new:
        lines = [f"{name}: the order has changed"]
    return lines


def _key(value: Any) -> str:
    for name in ("code", "name", "concern"):
        if hasattr(value, name):
            return getattr(value, name) or "any other concern"
    raise TypeError(f"{value!r} has no name")


def _load_protocol(treatment: Treatment, wanted: Composed, now: datetime) -> list[str]:
    current = treatment.current_protocol()
    before = contents(current) if current else None
    if before == wanted or (current and trail.published(current)):
        return []
    newest = treatment.protocols.order_by("-version").first()
    version = newest.version + 1 if newest else 1
    protocol = _write_protocol(treatment, version, wanted)
    if current:
        keep_approvals(current, protocol)
    protocol.published_at = now
    protocol.save(update_fields=["published_at"])
    news = differences(before, wanted) if before else ["new"]
    return [f"{treatment.code}, version {version}: {line}" for line in news]


def _write_protocol(treatment: Treatment, version: int, wanted: Composed) -> Protocol:
    where = f"treatment {treatment.code}"
    protocol = Protocol(treatment=treatment, version=version, **asdict(wanted.figures))
    _insert([protocol], [where])
    for name, part in PARTS.items():
        values = getattr(wanted, name)
        rows = [
            part(protocol=protocol, position=position, **_columns(value))
            for position, value in enumerate(values)
        ]
        if rows:
            _insert(rows, [f"{where} {name} {_key(value)}" for value in values])
    return protocol


def _columns(value: Any) -> dict[str, Any]:
    facts = asdict(value)
    if code := facts.get("concern"):
        (facts["concern"],) = _coded(Concern, [code], "session_count")
    return facts


def keep_approvals(old: Protocol, new: Protocol) -> None:
    """Carry over who approved what, wherever the value is the very same."""
    if old.is_approved and contents(old).figures == contents(new).figures:
        Protocol.objects.filter(pk=new.pk).update(**_approval(old))
    for part in PARTS.values():
        rows: Any = part._default_manager
        approved = rows.filter(protocol=old, approved_at__isnull=False)
        known = {row.as_value(): _approval(row) for row in approved}
        for row in rows.filter(protocol=new) if known else ():
            if approval := known.get(row.as_value()):
                rows.filter(pk=row.pk).update(**approval)


def _approval(row: Any) -> dict[str, Any]:
    return {"approved_by": row.approved_by, "approved_at": row.approved_at}
