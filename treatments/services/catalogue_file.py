"""Reading the catalogue's data file: text in, whole protocols as values out.

Every complaint is one line that begins with the field's path, list positions from 0.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from treatments.care import Edge, Instruction
from treatments.composition import (
    Composed,
    CompositionError,
    Effect,
    Fact,
    Figures,
    Part,
    PartPhase,
    Phase,
    Role,
    SessionCount,
    compose,
)
from treatments.models import Source
from treatments.suitability import Rule, WaitUnit

Value = TypeVar("Value")
Table = dict[str, Any]

LISTS = {
    "session_count": "session_counts",
    "phase": "phases",
    "role": "roles",
    "care": "care",
    "rule": "rules",
    "effect": "effects",
    "fact": "facts",
}


class CatalogueMalformedError(ValueError):
    """The catalogue cannot be read; the text is one line that says where and why."""


@dataclass(frozen=True, slots=True)
class Word:
    """A concern, an area of skin or a modality."""

    code: str
    name: str
    source: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A treatment, before its protocol is composed."""

    code: str
    name: str
    short_code: str
    shape: str
    summary: str
    source: str
    modalities: tuple[str, ...]
    tool: str
    concerns: tuple[str, ...]
    areas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything on offer; `protocols` by treatment code."""

    concerns: tuple[Word, ...]
    areas: tuple[Word, ...]
    modalities: tuple[Word, ...]
    treatments: tuple[Offer, ...]
    protocols: Mapping[str, Composed]


def read(path: Path) -> Catalogue:
    """The catalogue in the file at `path`, or CatalogueMalformedError."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogueMalformedError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CatalogueMalformedError(f"{path}: no UTF-8 text") from error


def parse(text: str) -> Catalogue:
    """The catalogue in `text` (TOML), or CatalogueMalformedError."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueMalformedError(f"catalogue: {error}") from error
    _only(data, "catalogue", {"concern", "area", "treatment", "modality", "tool"})
    modalities = _tables(data, "modality")
    parts = {code: _part(t, f"modality.{code}") for code, t in modalities.items()}
    offers = tuple(
        _build(Offer, table, where) for where, table in _rows(data, "treatment", "")
    )
    return Catalogue(
        concerns=_words(data, "concern"),
        areas=_words(data, "area"),
        modalities=tuple(_modality(code, t) for code, t in modalities.items()),
        treatments=offers,
        protocols={
            offer.code: _compose(offer, parts, _tables(data, "tool"))
            for offer in offers
        },
    )


# --- Words and treatments ------------------------------------------------------------


def _words(data: Table, key: str) -> tuple[Word, ...]:
    return tuple(_build(Word, table, where) for where, table in _rows(data, key, ""))


def _modality(code: str, table: Table) -> Word:
    own = {key: table[key] for key in ("name", "source", "summary") if key in table}
    return _build(Word, {"code": code} | own, f"modality.{code}")


def _compose(offer: Offer, parts: Mapping[str, Part], tools: Table) -> Composed:
    where = f"treatment {offer.code}"
    _known(offer.modalities, parts, f"{where}: modalities")
    _known([offer.tool], tools, f"{where}: tool")
    chosen = [parts[code] for code in offer.modalities]
    figures = next((part.figures for part in chosen if part.figures), None)
    tool = _part(tools[offer.tool], f"tool.{offer.tool}", figures)
    try:
        composed = compose([*chosen, tool])
    except CompositionError as error:
        raise CatalogueMalformedError(f"{where}: {error}") from error
    if all(count.concern for count in composed.session_counts):
        raise CatalogueMalformedError(f"{where}: no session_count without a concern")
    return composed


def _known(names: Iterable[str], known: Iterable[str], where: str) -> None:
    for name in names:
        if name not in known:
            raise CatalogueMalformedError(f"{where}: “{name}” is not in this catalogue")


# --- Parts ---------------------------------------------------------------------------


def _part(table: Table, where: str, base: Figures | None = None) -> Part:
    """A modality or a tool; a tool's figures say only what differs from `base`."""
    _only(table, where, {"name", "summary", "source", "figures", *LISTS})
    figures = table.get("figures")
    if figures is not None:
        if base:
            figures = {f.name: getattr(base, f.name) for f in fields(base)} | figures
        figures = _build(Figures, figures, f"{where}.figures")
    return Part(
        code=where,
        figures=figures,
        session_counts=tuple(
            _build(SessionCount, {"concern": None, "maximum": None} | t, at)
            for at, t in _rows(table, "session_count", where)
        ),
        phases=tuple(_phase(t, at) for at, t in _rows(table, "phase", where)),
        roles=tuple(_build(Role, t, at) for at, t in _rows(table, "role", where)),
        care=tuple(_care(t, at) for at, t in _rows(table, "care", where)),
        rules=tuple(_rule(t, at) for at, t in _rows(table, "rule", where)),
        effects=tuple(_build(Effect, t, at) for at, t in _rows(table, "effect", where)),
        facts=tuple(_build(Fact, t, at) for at, t in _rows(table, "fact", where)),
    )


def _phase(table: Table, where: str) -> PartPhase:
    own = {key: table[key] for key in table if key != "within"}
    within = str(table.get("within", ""))
    return PartPhase(_build(Phase, own, where), within)


def _care(table: Table, where: str) -> Instruction:
    own = dict(table)
    for key, name in (("from", "starts"), ("until", "ends")):
        own[name], own[f"{name}_offset"] = _edge(own.pop(key, None), f"{where}.{key}")
    if milder := own.pop("milder", None):
        _only(milder, f"{where}.milder", {"until", "source", "text"})
        edge, hours = _edge(milder.get("until"), f"{where}.milder.until")
        if edge != Edge.HOURS:
            raise CatalogueMalformedError(f"{where}.milder.until: say how many hours")
        own |= {"milder_hours": hours, "milder_text": milder.get("text", "")}
        own["milder_source"] = milder.get("source", "")
        _judge_source(own["milder_source"], f"{where}.milder.source")
    return _build(Instruction, own, where)


def _edge(text: Any, where: str) -> tuple[Edge, int | None]:
    """Where care begins or ends: "-7 days", "24 hours", "healed"."""
    number, _, unit = str(text).rpartition(" ")
    counted = unit in (Edge.DAYS, Edge.HOURS)
    try:
        return Edge(unit), int(number) if counted or number else None
    except ValueError:
        words = ", ".join(e for e in Edge if e not in (Edge.DAYS, Edge.HOURS))
        message = f"{where}: not days or hours such as “24 hours”, nor one of {words}"
        raise CatalogueMalformedError(message) from None


def _rule(table: Table, where: str) -> Rule:
    own = {"question": table.get("code")} | dict(table)
    if "wait" in own:
        own["wait_amount"], own["wait_unit"] = _wait(own.pop("wait"), f"{where}.wait")
    return _build(Rule, own, where)


def _wait(text: Any, where: str) -> tuple[int, WaitUnit]:
    amount, _, unit = str(text).partition(" ")
    try:
        return int(amount), WaitUnit(f"{unit.removesuffix('s')}s")
    except ValueError:
        message = f"{where}: not a number of days, months or years"
        raise CatalogueMalformedError(message) from None


# --- Tables to values ----------------------------------------------------------------


def _tables(data: Table, key: str) -> dict[str, Table]:
    tables = data.get(key, {})
    if not isinstance(tables, dict) or not all(
        isinstance(table, dict) for table in tables.values()
    ):
        raise CatalogueMalformedError(f"{key}: not a table of tables")
    return tables


def _rows(table: Table, key: str, where: str) -> list[tuple[str, Table]]:
    path = f"{where}.{key}" if where else key
    rows = table.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CatalogueMalformedError(f"{path}: not a list of tables")
    known = set()
    for at, row in enumerate(rows):
        name = row.get("code") or row.get("name") or row.get("concern")
        if name in known:
            raise CatalogueMalformedError(
                f"{path}[{at}]: {name or 'it'} is there twice"
            )
        known.add(name)
    return [(f"{path}[{at}]", row) for at, row in enumerate(rows)]


def _only(table: Table, where: str, keys: set[str]) -> None:
    if unknown := sorted(set(table) - keys):
        raise CatalogueMalformedError(f"{where}.{unknown[0]}: unknown key")


def _build(shape: type[Value], table: Table, where: str) -> Value:
    """A value of the dataclass `shape`, with every field checked."""
    columns: tuple[Field[Any], ...] = fields(shape)  # type: ignore[arg-type]
    _only(table, where, {column.name for column in columns})
    hints = get_type_hints(shape)
    facts = {}
    for column in columns:
        at = f"{where}.{column.name}"
        if column.name in table:
            facts[column.name] = _fact(table[column.name], hints[column.name], at)
        elif column.default is MISSING:
            raise CatalogueMalformedError(f"{at}: missing")
    try:
        return shape(**facts)
    except ValueError as error:
        raise CatalogueMalformedError(f"{where}: {error}") from error


def _fact(value: Any, hint: Any, where: str) -> Any:
    """`value` as the type `hint`; sources from their vocabulary."""
    if where.endswith("source") and not where.endswith("milder_source"):
        _judge_source(value, where)
    if isinstance(hint, UnionType):
        if value is None:
            return None
        hint = next(h for h in get_args(hint) if h is not type(None))
    if get_origin(hint) is tuple:
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise CatalogueMalformedError(f"{where}: not a list of words")
        return tuple(value)
    return _plain(value, hint, where)


def _plain(value: Any, hint: type[Any], where: str) -> Any:
    if issubclass(hint, StrEnum):
        if value not in list(hint):
            raise CatalogueMalformedError(f"{where}: not one of {', '.join(hint)}")
        return hint(value)
    if hint is Decimal and isinstance(value, str | Decimal):
        try:
            return Decimal(value)
        except InvalidOperation:
            raise CatalogueMalformedError(f"{where}: not a number") from None
    if type(value) is not hint:
        raise CatalogueMalformedError(f"{where}: not {KINDS.get(hint, 'as expected')}")
    return value


KINDS = {int: "a whole number", bool: "true or false", str: "text", Decimal: "a number"}


def _judge_source(value: Any, where: str) -> None:
    if value not in Source.values:
        raise CatalogueMalformedError(
            f"{where}: not a source such as “S0”, “S0 S2” or “{Source.CLINIC.value}”"
        )
