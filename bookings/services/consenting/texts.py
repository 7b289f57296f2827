"""The words of each consent, from `consent_texts.toml`, judged as they are read.

A broken file stops the server as it starts: nobody is to sign half a text.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any

PATH = Path(__file__).resolve().parents[2] / "consent_texts.toml"
LANGUAGES = ("en", "fr")
LISTS = ("parts", "effects", "facts")
EFFECTS = ("recovery", "possible", "rare", "very-rare", "urgent")
NAMES: Mapping[str, frozenset[str]] = {
    "treatment": frozenset({"treatment", "areas", "sessions", "clinic", "phone"}),
    "photos": frozenset({"clinic", "phone"}),
}
VERSION = re.compile(r"[1-9][0-9]?", re.ASCII)


class ConsentTextError(ValueError):
    """The file is not fit to be signed; the text says where, and why."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph by language, and which list of the protocol follows it, if one."""

    words: Mapping[str, str]
    parts: bool = False
    effects: str = ""
    facts: tuple[str, ...] = ()

    @property
    def has_list(self) -> bool:
        """Whether a list follows the paragraph."""
        return bool(self.parts or self.effects or self.facts)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading by language, and its blocks."""

    heading: Mapping[str, str]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """One consent in one version; `day` is when it was written."""

    version: str
    day: date
    title: Mapping[str, str]
    sections: tuple[Section, ...]


def parse(source: str) -> Mapping[str, Text]:
    """The texts of both kinds, or ConsentTextError."""
    try:
        tables = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise ConsentTextError(f"not TOML: {error}") from error
    _keys("the file", tables, NAMES, NAMES)
    return {kind: _text(kind, table) for kind, table in tables.items()}


def _text(kind: str, table: Any) -> Text:
    fields = ("version", "date", "title", "section")
    _keys(kind, table, fields, fields)
    version, day = table["version"], table["date"]
    if not (isinstance(version, str) and VERSION.fullmatch(version)):
        raise ConsentTextError(f'{kind}: version is not "1" to "99"')
    if type(day) is not date:
        raise ConsentTextError(f"{kind}: date is not a day")
    sections = _rows(f"{kind}: section", table["section"])
    return Text(
        version,
        day,
        _said(f"{kind}: title", table["title"], frozenset()),
        tuple(_section(where, one, NAMES[kind]) for where, one in sections),
    )


def _section(where: str, table: Any, names: frozenset[str]) -> Section:
    _keys(where, table, (*LANGUAGES, "block"), (*LANGUAGES, "block"))
    heading = _said(where, _words_of(table), frozenset())
    blocks = _rows(f"{where}, block", table["block"])
    return Section(heading, tuple(_block(at, one, names) for at, one in blocks))


def _block(where: str, table: Any, names: frozenset[str]) -> Block:
    _keys(where, table, LANGUAGES, (*LANGUAGES, *LISTS))
    given = [name for name in LISTS if name in table]
    if len(given) > 1:
        raise ConsentTextError(f"{where}: more than one list")
    if given and "treatment" not in names:
        raise ConsentTextError(f"{where}: a list needs a plan")
    block = Block(
        _said(where, _words_of(table), names),
        table.get("parts", False),
        table.get("effects", ""),
        tuple(table.get("facts", ())),
    )
    if block.effects not in ("", *EFFECTS):
        raise ConsentTextError(f"{where}: no effects are called {block.effects}")
    return block


def _words_of(table: Mapping[str, Any]) -> dict[str, Any]:
    return {language: table[language] for language in LANGUAGES}


def _said(where: str, table: Any, names: frozenset[str]) -> Mapping[str, str]:
    """Words in every language, with the same names to fill in: those known here."""
    _keys(where, table, LANGUAGES, LANGUAGES)
    for language, words in table.items():
        if not isinstance(words, str) or not words.strip() or "\n" in words:
            raise ConsentTextError(f"{where}: {language} is not one line of words")
        if unknown := _names(where, words) - names:
            raise ConsentTextError(f"{where}: {language} has {{{min(unknown)}}}")
    if len({_names(where, words) for words in table.values()}) > 1:
        raise ConsentTextError(f"{where}: the languages fill in other names")
    return dict(table)


def _names(where: str, words: str) -> frozenset[str]:
    try:
        return frozenset(name for _t, name, _f, _c in Formatter().parse(words) if name)
    except ValueError as error:
        raise ConsentTextError(f"{where}: {error}") from error


def _rows(where: str, rows: Any) -> list[tuple[str, Any]]:
    if not isinstance(rows, list) or not rows:
        raise ConsentTextError(f"{where}: there is none")
    return [(f"{where} {number}", row) for number, row in enumerate(rows, 1)]


def _keys(
    where: str, table: Any, needed: Iterable[str], allowed: Iterable[str]
) -> None:
    if not isinstance(table, dict):
        raise ConsentTextError(f"{where}: is not a table")
    if missing := set(needed) - set(table):
        raise ConsentTextError(f"{where}: {min(missing)} is missing")
    if unknown := set(table) - set(allowed):
        raise ConsentTextError(f"{where}: {min(unknown)} is not known")


TEXTS = parse(PATH.read_text(encoding="utf-8"))
