"""The least change, found by trying everything: the contract of `replan` once more."""

from datetime import UTC, date, datetime, time
from itertools import product

from bookings.tests.reference_solver import DAY, Reference, TooManyPlansError


class ReplanReference(Reference):
    """A problem of the exchange format with sessions that stand, pinned or not.

    `standing` and `pinned` map numbers to (aware start, roles).
    """

    patience = 40_000

    def __init__(self, problem, standing, pinned, must_move, allowed):
        super().__init__(problem)
        self.allowed = allowed
        self.standing = {n: (*self.local(s), s, r) for n, (s, r) in standing.items()}
        self.pinned = {n: (*self.local(s), s, r) for n, (s, r) in pinned.items()}
        self.must_move = must_move
        for number, (day, *_rest) in self.pinned.items():
            self.fixed[number] = day, None
        self.planned = [n for n in range(1, self.count + 1) if n not in self.fixed]
        self.exchanged = {}

    def local(self, start):
        shown = start.astimezone(self.zone)
        return shown.date(), shown.hour * 60 + shown.minute

    def fewest_exchanges(self, number, arrival):
        """How few roles change hands there; None if they cannot be filled."""
        key = number, arrival
        if key not in self.exchanged:
            before = self.standing[number][3] if number in self.standing else {}
            counts = [
                sum(crew[name] != who for name, who in before.items())
                for crew in self.crews(self.roles, arrival)
            ]
            self.exchanged[key] = min(counts, default=None)
        return self.exchanged[key]

    def visits(self, number):
        """Every visit that `number` may have by itself: {(day, minute): its tuple}."""
        found = {}
        stands = self.standing.get(number)
        for day in self.all_days():
            if not self.in_bounds(number, day):
                continue
            for minute, arrival in self.times(day):
                if stands and (day, minute) == stands[:2]:
                    continue
                count = self.fewest_exchanges(number, arrival)
                if count is not None:
                    found[day, minute] = self.price(number, day, minute, count)
        if stands and number not in self.must_move:
            day, minute, start, _roles = stands
            count = self.fewest_exchanges(number, start.astimezone(UTC))
            if count is not None and self.in_bounds(number, day):
                found[day, minute] = self.price(number, day, minute, count)
        return found

    def price(self, number, day, minute, exchanged):
        if number not in self.standing:
            return 1, 0, 0, exchanged, day.toordinal()
        old_day, old_minute, *_rest = self.standing[number]
        days, minutes = abs((day - old_day).days), abs(minute - old_minute)
        changed = int((day, minute) != (old_day, old_minute))
        return changed, days, minutes, exchanged, day.toordinal()

    def pinned_price(self):
        total = (0, 0, 0, 0, 0)
        for number, (day, minute, _start, roles) in self.pinned.items():
            before = self.standing.get(number, (None, None, None, {}))[3]
            exchanged = sum(roles.get(name, who) != who for name, who in before.items())
            total = plus(total, self.price(number, day, minute, exchanged))
        return total

    def ranked(self):
        """The tuples of all plans with their visits by number, best first."""
        options = {number: self.visits(number) for number in self.planned}
        size = 1
        for each in options.values():
            size *= len(each) or 1
        if size > self.patience:
            raise TooManyPlansError
        found = []
        for chosen in product(*(options[n].items() for n in self.planned)):
            visits = dict(
                zip(self.planned, (visit for visit, _p in chosen), strict=True)
            )
            if self.gaps_are_kept(visits):
                total = self.pinned_price()
                for _visit, price in chosen:
                    total = plus(total, price)
                found.append((total, visits))
        return sorted(found, key=lambda pair: (pair[0], sorted(pair[1].items())))

    def may_follow(self, number, before, day):
        """Whether `number` on `day` keeps the gap, or one that was allowed."""
        days, (least, most) = (day - before).days, self.gap
        if number in self.allowed and day == self.allowed[number][0]:
            least = min(least, self.allowed[number][1])
            most = max(most, self.allowed[number][1])
        return least <= days <= most

    def in_bounds(self, number, day):
        series = self.series
        first, last = map(date.fromisoformat, (series["earliest"], series["latest"]))
        if not max(first, self.not_before.get(number, first)) <= day <= last:
            return False
        before, after = self.fixed.get(number - 1), self.fixed.get(number + 1)
        if before and not self.may_follow(number, before[0], day):
            return False
        return not after or self.may_follow(number + 1, day, after[0])

    def gaps_are_kept(self, visits):
        return all(
            self.may_follow(n, visits[n - 1][0], visits[n][0])
            for n in visits
            if n - 1 in visits
        )

    def first_blocked(self):
        """The first session that can lie nowhere, given those before it."""
        before = None
        for number in self.planned:
            days = {day for day, _minute in self.visits(number)}
            if number - 1 in self.planned:
                days = {
                    day
                    for day in days
                    if any(self.may_follow(number, each, day) for each in before)
                }
            if not days:
                return number
            before = days
        return None


def plus(one, other):
    return tuple(a + b for a, b in zip(one, other, strict=True))


def standing_series(pick, made):
    """Sessions that stand somewhere, some pinned elsewhere, some that must move."""
    zone = Reference(made).zone
    earliest = date.fromisoformat(made["series"]["earliest"])
    latest = date.fromisoformat(made["series"]["latest"])
    fixed = made["series"].get("fixed", {})
    names = [resource["id"] for resource in made["resources"]]
    gap = made["series"]["gap_days"]
    day = earliest
    standing, pinned, must_move, allowed = {}, {}, set(), {}
    for number in range(1, made["series"]["count"] + 1):
        if str(number) in fixed:
            continue
        if pick([True, True, True, False]):
            standing[number] = _place(pick, made, zone, day, names)
            if pick([True, False, False, False]):
                must_move.add(number)
        if pick([True, False, False, False]):
            elsewhere = min(latest, day + pick([0, 1, 2]) * DAY)
            pinned[number] = _place(pick, made, zone, elsewhere, names)
        before, days = day, pick(range(gap[0], gap[1] + 2))
        day = min(latest, day + days * DAY)
        if pick([True, False, False]):
            wrong = pick([0, 1, 2])
            allowed[number + 1] = day, max(1, (day - before).days + wrong)
    return standing, pinned, must_move, allowed


def _place(pick, made, zone, day, names):
    first = made["series"].get("arrive_between", ["09:00"])[0]
    hour = int(first[:2])
    minute = pick([0, 0, 0, 15, 20, 30, 37])
    start = datetime.combine(day, time(hour, minute), tzinfo=zone).replace(
        fold=pick([0, 0, 1])
    )
    roles = {name: pick(names) for name in made["roles"] if pick([True, True, False])}
    return start.astimezone(UTC), roles
