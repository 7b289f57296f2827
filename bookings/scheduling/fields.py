"""Strict readers of JSON values: what is off its form or range is named by its path."""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import NoReturn, TypeVar
from zoneinfo import ZoneInfo

from bookings.scheduling.clock import instant_at, utc_minutes
from bookings.scheduling.problem import Span

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_OFFSET = re.compile(r"Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9])")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")

Choice = TypeVar("Choice", bound=StrEnum)


class Malformed(ValueError):
    """What was given is no problem; `path` says where and `words` why, on one line."""

    def __init__(self, path: str, words: str) -> None:
        self.path = path
        self.words = words
        super().__init__(f"{path}: {words}")


def refuse(path: str, words: str) -> NoReturn:
    """Raise Malformed."""
    raise Malformed(path, words)


def under(path: str, key: str) -> str:
    """The path of `key` inside the object at `path`, fit for one line."""
    shown = key if key.isprintable() else ascii(key)[1:-1]
    return f"{path}.{shown}" if path else shown


def record(
    value: object, path: str, needed: str, optional: str = ""
) -> dict[str, object]:
    """Read an object that has every `needed` key and none beyond `optional`."""
    found = mapping(value, path)
    known = {*needed.split(), *optional.split()}
    for key in found:
        if key not in known:
            refuse(under(path, key), "there is no such key")
    for key in needed.split():
        if key not in found:
            refuse(under(path, key), "is missing")
    return found


def mapping(value: object, path: str) -> dict[str, object]:
    """Read an object of any keys; JSON's keys are always text."""
    if not isinstance(value, dict):
        refuse(path or "problem", "must be an object")
    for key in value:
        if not isinstance(key, str):
            refuse(path or "problem", "must have text for keys")
    return value


def items(value: object, path: str) -> Iterator[tuple[object, str]]:
    """Read a list, item by item, each with its path."""
    return ((item, f"{path}[{at}]") for at, item in enumerate(sequence(value, path)))


def sequence(value: object, path: str) -> list[object]:
    """Read a list."""
    if not isinstance(value, list):
        refuse(path, "must be a list")
    return value


def pair(value: object, path: str) -> tuple[object, object]:
    """Read a list of two."""
    if not isinstance(value, list) or len(value) != 2:
        refuse(path, "must be a list of two")
    return value[0], value[1]


def text(value: object, path: str) -> str:
    """Read text that is not empty."""
    if not isinstance(value, str) or not value:
        refuse(path, "must be text, and not empty")
    return value


def flag(value: object, path: str) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        refuse(path, "must be true or false")
    return value


def whole(value: object, path: str, least: int, most: int | None = None) -> int:
    """Read a whole number from `least` to `most`."""
    if not isinstance(value, int) or isinstance(value, bool):
        refuse(path, "must be a whole number")
    if value < least or (most is not None and value > most):
        limits = f"at least {least}" if most is None else f"from {least} to {most}"
        refuse(path, f"must be {limits}")
    return value


def choice(value: object, path: str, choices: type[Choice]) -> Choice:
    """Read one of a closed list of words."""
    for member in choices:
        if value == member.value:
            return member
    refuse(path, f"must be one of {', '.join(choices)}")


def zone(value: object, path: str) -> ZoneInfo:
    """Read the name of an IANA time zone."""
    try:
        return ZoneInfo(text(value, path))
    except (KeyError, ValueError, OSError) as error:
        if isinstance(error, Malformed):
            raise
        raise Malformed(path, "is no time zone known here") from error


def day(value: object, path: str) -> date:
    """Read a date, `YYYY-MM-DD`."""
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if not found:
        refuse(path, "must be a date, YYYY-MM-DD")
    try:
        return date(*map(int, found.groups()))
    except ValueError as error:
        raise Malformed(path, "is no date of the calendar") from error


def time_of_day(value: object, path: str) -> int:
    """Read a time of day, `HH:MM`, as minutes since midnight."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if not found:
        refuse(path, "must be a time of day, HH:MM")
    return int(found[1]) * 60 + int(found[2])


def numbered(value: object, path: str, count: int) -> Iterator[tuple[int, object, str]]:
    """Read an object keyed by session number: (number, value, path), ascending."""
    found = mapping(value, path)
    for key in found:
        if not _NUMBER.fullmatch(key) or int(key) > count:
            refuse(under(path, key), f"must be a session number from 1 to {count}")
    for key in sorted(found, key=int):
        yield int(key), found[key], under(path, key)


class Moments:
    """Reads moments of one time zone as instants, each different text only once."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._known: dict[str, int] = {}
        self._ordinals: dict[str, int] = {}
        self._minutes: dict[str, int] = {}

    def spans(self, value: object, path: str) -> tuple[Span, ...]:
        """Read a list of [start, end) pairs; an empty span is one, a crossed one not."""
        known, spans = self._known, []
        for at, item in enumerate(sequence(value, path)):
            if not isinstance(item, list) or len(item) != 2:
                refuse(f"{path}[{at}]", "must be a list of two")
            try:
                span = known[item[0]], known[item[1]]
            except (KeyError, TypeError):
                span = self._span(item, f"{path}[{at}]")
            if span[0] > span[1]:
                refuse(f"{path}[{at}]", "must not start after its end")
            spans.append(span)
        return tuple(spans)

    def _span(self, value: list[object], path: str) -> Span:
        start, end = value
        return self._instant(start, path), self._instant(end, path)

    def _instant(self, value: object, path: str) -> int:
        """Read `YYYY-MM-DDTHH:MM`, local or with an offset."""
        if not isinstance(value, str) or value[10:11] != "T":
            refuse(path, "must hold moments, YYYY-MM-DDTHH:MM")
        ordinal = self._ordinal(value[:10], path)
        minute = self._minute(value[11:16], path)
        if offset := value[16:]:
            known = utc_minutes(ordinal) + minute - _ahead(offset, path)
        else:
            known = instant_at(self._zone, ordinal, minute)
        self._known[value] = known
        return known

    def _ordinal(self, text: str, path: str) -> int:
        if text not in self._ordinals:
            self._ordinals[text] = day(text, path).toordinal()
        return self._ordinals[text]

    def _minute(self, text: str, path: str) -> int:
        if text not in self._minutes:
            self._minutes[text] = time_of_day(text, path)
        return self._minutes[text]


def _ahead(offset: str, path: str) -> int:
    """Read how many minutes a clock with that offset is ahead of UTC."""
    found = _OFFSET.fullmatch(offset)
    if not found:
        refuse(path, "must have an offset such as Z or -05:00, or none")
    minutes = int(found[2] or 0) * 60 + int(found[3] or 0)
    return -minutes if found[1] == "-" else minutes
