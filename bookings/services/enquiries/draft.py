"""What somebody has typed so far, kept in the session until it is sent.

The draft holds what was typed, not what it means: a step that is not right yet is
kept as it is. It lives as long as the session, on this device, and nowhere else.
"""

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

STEPS = ("why", "you", "health", "when")
PLACE = "enquiry"
SENT = "enquiries-sent"
KEPT_SENT = 5
MOST_FIELDS = 200
MOST_VALUES = 60
LONGEST = 4000

Typed = dict[str, list[str]]
Session = MutableMapping[str, Any]


@dataclass(slots=True)
class Draft:
    """One request in the making; `key` makes sure that it is sent only once.

    `since` is when it was begun, in seconds since 1970; `past` are the steps that were
    accepted; `is_caught` says that a machine has filled it in.
    """

    key: str
    since: float
    typed: dict[str, Typed] = field(default_factory=dict)
    wanted: dict[str, Typed] = field(default_factory=dict)
    past: list[str] = field(default_factory=list)
    is_caught: bool = False

    def keep(self, step: str, said: Mapping[str, list[str]]) -> None:
        """Keep what was typed in `step`, whatever it is, within reason."""
        self.typed[step] = {
            name: [value[:LONGEST].replace("\0", "") for value in values[:MOST_VALUES]]
            for name, values in list(said.items())[:MOST_FIELDS]
        }

    def want(self, step: str, name: str, value: str) -> None:
        """Fill in what the address that led here asks for; the last wish counts."""
        for place in (self.wanted.setdefault(step, {}), self.typed.get(step)):
            if place is not None:
                place[name] = [value]

    def says(self, step: str) -> Typed | None:
        """What was typed in `step`; None before anything was."""
        return self.typed.get(step)

    def accept(self, step: str) -> None:
        """Note that `step` was right when it was left."""
        if step not in self.past:
            self.past.append(step)


def opened(session: Session, begun: tuple[str, float], *, now: datetime) -> Draft:
    """The draft of this session, or a new one.

    A new one is that which the form was `begun` with: its key, and since when. Where
    nothing is known of that it begins at `now`.
    """
    if is_begun(session):
        return Draft(**session[PLACE])
    key, since = begun
    return Draft(key, since) if key else Draft(uuid4().hex, now.timestamp())


def is_begun(session: Session) -> bool:
    """Whether something is kept that was not sent."""
    kept: dict[str, Any] | None = session.get(PLACE)
    return kept is not None and kept["key"] not in session.get(SENT, {})


def keep(session: Session, draft: Draft) -> None:
    """Put the draft back as it is now."""
    session[PLACE] = asdict(draft)


def erase(session: Session) -> None:
    """Forget what was typed."""
    session.pop(PLACE, None)


def sent(session: Session, draft: Draft, code: str) -> None:
    """Forget what was typed, but not that it was sent, and under which code."""
    before = list(session.get(SENT, {}).items())[1 - KEPT_SENT :]
    session[SENT] = dict([*before, (draft.key, code)])
    erase(session)


def code_sent(session: Session, key: str) -> str:
    """The code under which the draft `key` was sent; empty if it was not."""
    code: str = session.get(SENT, {}).get(key, "")
    return code


def last_code(session: Session) -> str:
    """The code of what was sent last in this session; empty if nothing was."""
    codes: Iterable[str] = session.get(SENT, {}).values()
    return list(codes)[-1] if codes else ""
