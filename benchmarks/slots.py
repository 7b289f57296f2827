"""Series to book, by number: who, where, when; two numbers never want the same time.

Twenty groups of a practitioner, a room and a device work side by side. A series is five
sessions 49 days apart; the days of a block of 49 each begin series of their own.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from bookings.services.judging import PlannedSession

GROUPS = 20
SESSIONS = 5
GAP = 49
A_DAY, APART = 7, 80  # slots, and minutes from one to the next
WORKDAYS = 35  # of the 49 days of a block
MINUTES = 70
RIVALS = 2  # groups that racing bookers share
GAPS = (42, 49, 56)


@dataclass(frozen=True, slots=True)
class Clinic:
    """The groups' resources, and the Monday on which the first series begins."""

    zone: str
    first: str
    operators: list[int]
    rooms: list[int]
    devices: list[int]
    supervisor: int

    def planned(self, number: int) -> list[PlannedSession]:
        """The sessions of series `number`, all at the same time of day."""
        turn, group = divmod(number, GROUPS)
        roles = self._roles(group, group, group)
        day = start_day(turn)
        return [
            self._session(at, day + GAP * at, turn % A_DAY, roles)
            for at in range(SESSIONS)
        ]

    def contested(self, rng: Random, attempt: int) -> list[PlannedSession]:
        """Sessions of any rivals at any gap, on days that all bookers reach alike."""
        day, found = start_day(attempt * A_DAY // 20), []
        for at in range(SESSIONS):
            roles = self._roles(*(rng.randrange(RIVALS) for _role in range(3)))
            found.append(self._session(at, day, rng.randrange(A_DAY), roles))
            day += rng.choice(GAPS)
        return found

    def _roles(self, operator: int, room: int, device: int) -> dict[str, int]:
        return {
            "operator": self.operators[operator],
            "room": self.rooms[room],
            "device": self.devices[device],
            "supervisor": self.supervisor,
        }

    def _session(
        self, at: int, day: int, slot: int, roles: dict[str, int]
    ) -> PlannedSession:
        on = date.fromisoformat(self.first) + timedelta(days=day)
        opens = datetime.combine(on, time(8), tzinfo=ZoneInfo(self.zone))
        start = opens.astimezone(UTC) + timedelta(minutes=APART * slot)
        return PlannedSession(at + 1, start, start + timedelta(minutes=MINUTES), roles)


def start_day(turn: int) -> int:
    """On which day after the first a group's series of that turn begins."""
    block, day = divmod(turn // A_DAY, WORKDAYS)
    return block * GAP * SESSIONS + day // 5 * 7 + day % 5


def start_day_in_sql(number: str) -> str:
    """The same for the series `number`, as SQL."""
    turn = f"({number} / {GROUPS})"
    day = f"({turn} / {A_DAY} % {WORKDAYS})"
    block = f"({turn} / {A_DAY} / {WORKDAYS})"
    return f"({block} * {GAP * SESSIONS} + {day} / 5 * 7 + {day} % 5)"


def from_json(told: dict[str, Any]) -> Clinic:
    """The clinic as another process tells it."""
    return Clinic(**told)
