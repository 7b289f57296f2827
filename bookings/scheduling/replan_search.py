"""The n plans of least change: rounds by how many sessions move, each a small graph.

A round holds the plans in which exactly so many sessions change, so a later round only
gets worse. Inside one, a node is a session's day with the changes made up to it; bit
masks leave only nodes through which a whole plan goes. Who fills the roles is asked
only where days and minutes alone do not rule a visit out.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import chain

from bookings.scheduling.masks import between, bits, later, ones, sooner
from bookings.scheduling.replan_price import (
    ANY_DISTANCE,
    Choice,
    Priced,
    Prices,
    Visit,
    Wide,
)

Visits = tuple[Visit, ...]
Entry = tuple[int, Visits]

Days = tuple[int, int]
"""The days on which a session can stay, and to which it can move, as masks."""

Node = tuple[int, bool, int]
"""(changes up to and with this session, whether it moves, its day number)."""

Layer = dict[Node, list[Node]]
"""Each node of a session, with those of the session before that it may follow."""

Own = Callable[[int, Node], Sequence[Priced]]
"""The arrivals of a node worth trying, with what each costs by itself."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What binds all sessions: their gap, the number of days looked at, plans wanted."""

    gap: tuple[int, int]
    size: int
    most: int


def forward(choices: Sequence[Choice], frame: Frame) -> list[list[Days]]:
    """For each session and number of changes, its days given those before it.

    It ends before the first session that can lie on no day at all.
    """
    table: list[list[Days]] = []
    before = [ones(frame.size)]
    for choice in choices:
        allowed = [_after(days, choice, frame) for days in before]
        here = [
            (stayed & choice.stays, moved & choice.moves)
            for stayed, moved in zip([*allowed, 0], [0, *allowed], strict=True)
        ]
        before = [stay | move for stay, move in here]
        if not any(before):
            break
        table.append(here)
    return table


def _after(before: int, choice: Choice, frame: Frame) -> int:
    """Days on which a session can lie if the one before lies on one of `before`."""
    if not choice.step.follows:
        return ones(frame.size) if before else 0
    days = later(before, *frame.gap, frame.size) if before else 0
    if (wide := choice.wide) and before & _days_before(wide):
        days |= 1 << wide.day
    return days


def _days_before(wide: Wide) -> int:
    """Days of the session before that suit a gap which was allowed."""
    return between(wide.day - wide.most, wide.day - wide.least)


def reached(table: Sequence[Sequence[Days]]) -> int:
    """Every day of the last session in `table`."""
    days = 0
    for stay, move in table[-1] if table else ():
        days |= stay | move
    return days


def least(
    choices: Sequence[Choice],
    table: Sequence[Sequence[Days]],
    prices: Prices,
    frame: Frame,
) -> list[Visits]:
    """The `frame.most` best lists of visits, best first, or all if there are fewer."""
    if not choices:
        return [()]
    found: list[Visits] = []
    for changes in range(len(choices) + 1):
        if wanted := frame.most - len(found):
            layers = list(_layers(choices, table, changes, frame))
            if all(layers):
                found += _round(choices, layers, prices, wanted)
    return found


def _layers(
    choices: Sequence[Choice],
    table: Sequence[Sequence[Days]],
    changes: int,
    frame: Frame,
) -> Iterator[Layer]:
    """Yield the layers of the plans with so many changes in all, first to last."""
    live = _backward(choices, table, changes, frame)
    earlier: dict[int, list[tuple[int, bool]]] = {}
    for at, here in enumerate(live):
        layer: Layer = {}
        for count, days in enumerate(here):
            for moves in (False, True):
                before = earlier.get(count - moves, [])
                for day in bits(days[moves]):
                    layer[count, moves, day] = _joints(
                        choices[at], (count - moves, day), before, frame
                    )
        yield layer
        earlier = _by_changes(layer)


def _backward(
    choices: Sequence[Choice],
    table: Sequence[Sequence[Days]],
    changes: int,
    frame: Frame,
) -> list[list[Days]]:
    """Of the days in `table`, those from which a plan with so many changes goes on."""
    live = [[days if n == changes else (0, 0) for n, days in enumerate(table[-1])]]
    for at in range(len(choices) - 1, 0, -1):
        onward = []
        for count in range(len(table[at - 1])):
            stay, move = live[-1][count][0], live[-1][count + 1][1]
            onward.append(_before(stay | move, choices[at], frame))
        live.append(
            [
                (stay & days, move & days)
                for (stay, move), days in zip(table[at - 1], onward, strict=True)
            ]
        )
    return live[::-1]


def _before(after: int, choice: Choice, frame: Frame) -> int:
    """Days from which the session `choice` can lie on one of `after`."""
    if not choice.step.follows:
        return ones(frame.size) if after else 0
    days = sooner(after, *frame.gap) if after else 0
    if (wide := choice.wide) and after >> wide.day & 1:
        days |= _days_before(wide)
    return days


def _by_changes(layer: Layer) -> dict[int, list[tuple[int, bool]]]:
    found: dict[int, list[tuple[int, bool]]] = {}
    for count, moves, day in layer:
        found.setdefault(count, []).append((day, moves))
    return {count: sorted(days) for count, days in found.items()}


def _joints(
    choice: Choice, at: tuple[int, int], before: list[tuple[int, bool]], frame: Frame
) -> list[Node]:
    """The nodes before, with that many changes, from which a day can be reached."""
    count, day = at
    if choice.step.follows:
        least, most = frame.gap
        if (wide := choice.wide) and day == wide.day:
            least, most = wide.least, wide.most
        first = bisect_left(before, (day - most, False))
        before = before[first : bisect_right(before, (day - least, True))]
    return [(count, moves, each) for each, moves in before]


def _round(
    choices: Sequence[Choice], layers: Sequence[Layer], prices: Prices, most: int
) -> list[Visits]:
    """The best lists of one round: first by distance alone, then of those in full."""

    def by_distance(at: int, node: Node) -> Sequence[Priced]:
        choice = choices[at]
        if not node[1] and choice.present:
            return [(0, choice.present[1])]
        return prices.nearest(choice, node[2], most)

    limits = _limits(layers, by_distance, most)

    def in_full(at: int, node: Node) -> Sequence[Priced]:
        choice, limit = choices[at], limits[at].get(node, -1)
        if limit < 0:
            return []
        if not node[1] and choice.present:
            return [(prices.whole(choice, choice.present), choice.present[1])]
        return prices.within(choice, node[2], most, limit)

    lists = chain.from_iterable(_tables(layers, in_full, most)[-1].values())
    return [visits for _cost, visits in _best(lists, most)]


def _limits(layers: Sequence[Layer], own: Own, most: int) -> list[dict[Node, int]]:
    """How far away a visit at each node may be in one of the `most` best lists.

    No list farther in all than the last of the `most` nearest can be among the best.
    A node that is too far itself is left out.
    """
    tables = _tables(layers, own, most)
    nearest = _best(chain.from_iterable(tables[-1].values()), most)
    reach = nearest[-1][0] if len(nearest) == most else ANY_DISTANCE
    onward = _onward(layers, own)
    return [
        {
            node: limit
            for node, entries in table.items()
            if (limit := reach - entries[0][0] - beyond[node] + own(at, node)[0][0])
            >= 0
        }
        for at, (table, beyond) in enumerate(zip(tables, onward, strict=True))
    ]


def _tables(
    layers: Sequence[Layer], own: Own, most: int
) -> list[dict[Node, list[Entry]]]:
    """For each session and node, the best lists that end there, best first."""
    tables: list[dict[Node, list[Entry]]] = []
    for at, layer in enumerate(layers):
        here = {}
        for node, joints in layer.items():
            came: list[Entry] = [(0, ())]
            if at:
                lists = (tables[-1].get(joint, ()) for joint in joints)
                came = _best(chain.from_iterable(lists), most)
            if entries := _extend(came, own(at, node), node[2], most):
                here[node] = entries
        tables.append(here)
    return tables


def _extend(
    lists: Sequence[Entry], arrivals: Sequence[Priced], day: int, most: int
) -> list[Entry]:
    """The best of `lists`, each with one visit of `day` more."""
    return nsmallest(
        most,
        (
            (cost + own, (*visits, (day, minute)))
            for cost, visits in lists
            for own, minute in arrivals
        ),
    )


def _best(entries: Iterable[Entry], most: int) -> list[Entry]:
    return nsmallest(most, entries)


def _onward(layers: Sequence[Layer], own: Own) -> list[dict[Node, int]]:
    """For each session and node, the least cost of all that comes after it."""
    onward = [dict.fromkeys(layers[-1], 0)]
    for at in range(len(layers) - 1, 0, -1):
        here: dict[Node, int] = {}
        for node, joints in layers[at].items():
            cost = onward[-1][node] + own(at, node)[0][0]
            for joint in joints:
                here[joint] = min(cost, here.get(joint, cost))
        onward.append(here)
    return onward[::-1]
