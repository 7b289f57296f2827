"""Choosing a session by hand: every day and time around which the rest still fits."""

from dataclasses import dataclass
from datetime import date, datetime, time

from bookings.scheduling.choices import Choice, choices
from bookings.services.proposing.asking import Asked
from bookings.services.proposing.wishes import Pin


@dataclass(frozen=True, slots=True)
class Tab:
    """A session that may be chosen, and the local time chosen for it, if any."""

    number: int
    pin: datetime | None


@dataclass(frozen=True, slots=True)
class Day:
    """A local day: its arrivals, each with the pin that asks for it, and the finish."""

    day: date
    times: tuple[tuple[str, Pin], ...]
    finish: date


@dataclass(frozen=True, slots=True)
class ByHand:
    """The choice for one session; the page's own query and what its form keeps."""

    number: int
    tabs: tuple[Tab, ...]
    days: tuple[Day, ...]
    query: str
    keeps: tuple[tuple[str, object], ...]
    lost: tuple[str, ...]

    @property
    def pin(self) -> datetime | None:
        """The local time chosen for this session, if any."""
        return next((tab.pin for tab in self.tabs if tab.number == self.number), None)

    @property
    def following(self) -> int | None:
        """The session to choose next; None after the last."""
        return next((t.number for t in self.tabs if t.number > self.number), None)


def by_hand(asked: Asked, number: int, way: str = "") -> ByHand:
    """Every day that session `number` could have, the others' pins being kept."""
    free = asked.without_pin(number)
    found = choices(free.problem, number, free.workspace)
    pins = {pin.number: pin.at for pin in asked.wishes.pins}
    return ByHand(
        number=number,
        tabs=tuple(Tab(each, pins.get(each)) for each in asked.to_plan),
        days=tuple(_day(number, choice) for choice in found),
        query=asked.wishes.query(way),
        keeps=tuple(free.wishes.pairs(way)),
        lost=tuple(asked.lost_words()),
    )


def _day(number: int, choice: Choice) -> Day:
    times = (time(minute // 60, minute % 60) for minute in choice.arrivals)
    return Day(
        day=choice.day,
        times=tuple(
            (f"{at:%H:%M}", Pin(number, datetime.combine(choice.day, at)))
            for at in times
        ),
        finish=choice.finish,
    )
