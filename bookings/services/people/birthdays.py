"""Birth dates as people say and type them."""

import re
import unicodedata
from datetime import date

# English and French, without accents; the shortest beginning that is clear.
MONTHS = (
    ("jan",),
    ("feb", "fev"),
    ("mar",),
    ("apr", "avr"),
    ("may", "mai"),
    ("jun", "juin"),
    ("jul", "juil"),
    ("aug", "aou"),
    ("sep",),
    ("oct",),
    ("nov",),
    ("dec",),
)
ISO = re.compile(r"\b(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})\b")
NUMBERS = re.compile(r"\b(?P<d>\d{1,2})[-/. ](?P<m>\d{1,2})[-/. ](?P<y>\d{4})\b")
DAY_FIRST = re.compile(
    r"\b(?P<d>\d{1,2})(?:er)?\.? (?P<m>[a-z]{3,9})\.?,? (?P<y>\d{4})\b"
)
MONTH_FIRST = re.compile(
    r"\b(?P<m>[a-z]{3,9})\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?,? (?P<y>\d{4})\b"
)


def date_in(text: str) -> tuple[date | None, str]:
    """The first full date said in `text`, and what remains of the text without it.

    Numbers are read day first, and month first only where that is no date. A year
    alone is no date.
    """
    plain = _plain(text)
    for shape in (ISO, NUMBERS, DAY_FIRST, MONTH_FIRST):
        for match in shape.finditer(plain):
            if found := _read(match):
                rest = f"{plain[: match.start()]} {plain[match.end() :]}"
                return found, " ".join(rest.split())
    return None, text


def _plain(text: str) -> str:
    """Lower case, without accents, single spaces."""
    letters = unicodedata.normalize("NFKD", text.lower())
    kept = "".join(sign for sign in letters if not unicodedata.combining(sign))
    return " ".join(kept.split())


def _read(match: re.Match[str]) -> date | None:
    day, year = int(match["d"]), int(match["y"])
    month = _month(match["m"])
    return _date(year, month, day) or _date(year, day, month)


def _month(said: str) -> int:
    if said.isdigit():
        return int(said)
    return next(
        (number for number, names in enumerate(MONTHS, 1) if said.startswith(names)), 0
    )


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
