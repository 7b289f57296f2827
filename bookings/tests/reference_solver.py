"""The contract, written down a second time: by enumeration, slow and plainly right.

It shares no code with `bookings.scheduling`: it reads the exchange format itself,
walks time minute by minute and tries every plan. For small problems only.
"""

from copy import copy
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations, pairwise, product
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


# --- time -----------------------------------------------------------------------------


def utc_of(text, zone):
    """A moment of the exchange format as an instant."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)  # fold=0: the first, or the clock before
    return moment.astimezone(UTC)


def minutes_of(spans, zone):
    """Every minute of the half-open spans, as instants."""
    found = set()
    for start, end in spans:
        at, stop = utc_of(start, zone), utc_of(end, zone)
        while at < stop:
            found.add(at)
            at += MINUTE
    return found


def arrival_at(day, minute, zone):
    """The instant of an arrival; None where the clock never shows that time."""
    local = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone)
    instant = local.astimezone(UTC)
    shown = instant.astimezone(zone)
    same = shown.replace(tzinfo=None) == local.replace(tzinfo=None)
    return instant if same else None


def local_text(instant, zone):
    return instant.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


# --- one session ----------------------------------------------------------------------


class TooManyPlansError(Exception):
    """There are more plans than anyone has the patience to enumerate."""


class Reference:
    """One problem of the exchange format, answered by trying everything."""

    patience = 800

    def __init__(self, problem):
        self.problem = problem
        self.zone = ZoneInfo(problem["timezone"])
        self.series = problem["series"]
        self.strategy = problem["strategy"]
        self.count = self.series["count"]
        self.roles = problem["roles"]
        self.gap = self.series["gap_days"]
        self.fixed = {
            int(number): (date.fromisoformat(each["date"]), each.get("operator"))
            for number, each in self.series.get("fixed", {}).items()
        }
        self.not_before = {
            int(number): date.fromisoformat(day)
            for number, day in self.series.get("not_before", {}).items()
        }
        self.planned = [n for n in range(1, self.count + 1) if n not in self.fixed]
        self.open = {}
        self.usable = {}
        for resource in problem["resources"]:
            is_open = minutes_of(resource["open"], self.zone)
            self.open[resource["id"]] = is_open
            self.usable[resource["id"]] = is_open - minutes_of(
                resource.get("busy", []), self.zone
            )
        self.starts = {}
        self.arrivals = {}

    def can_fill(self, name, resource, arrival):
        """Whether the resource can fill that role of a session from `arrival` on."""
        role = self.roles[name]
        if resource["kind"] != role["kind"]:
            return False
        if not set(role.get("skills", [])) <= set(resource.get("skills", [])):
            return False
        of = self.open if role.get("shared", False) else self.usable
        at = arrival
        for phase in self.problem["phases"]:
            for _minute in range(phase["minutes"]):
                if name in phase["uses"] and at not in of[resource["id"]]:
                    return False
                at += MINUTE
        return True

    def crews(self, names, arrival):
        """Every way to fill `names`, no two sharing a resource but for shared roles."""
        names = list(names)
        able = [
            [r["id"] for r in self.problem["resources"] if self.can_fill(n, r, arrival)]
            for n in names
        ]
        for chosen in product(*able):
            alone = [
                resource
                for name, resource in zip(names, chosen, strict=True)
                if not self.roles[name].get("shared", False)
            ]
            if len(alone) == len(set(alone)):
                yield dict(zip(names, chosen, strict=True))

    def times(self, day):
        """Every arrival of that date that the date and times asked for allow."""
        series = self.series
        if day.weekday() not in series.get("weekdays", range(7)):
            return
        for first, last in series.get("blackouts", []):
            if date.fromisoformat(first) <= day <= date.fromisoformat(last):
                return
        first, last = series.get("arrive_between", ["00:00", "23:59"])
        grid = self.problem["grid_minutes"]
        length = sum(phase["minutes"] for phase in self.problem["phases"])
        for minute in range(0, 24 * 60, grid):
            if not first <= f"{minute // 60:02}:{minute % 60:02}" <= last:
                continue
            if (day, minute) not in self.arrivals:
                arrival = arrival_at(day, minute, self.zone)
                if arrival is not None and not self.stays(day, arrival, length):
                    arrival = None
                self.arrivals[day, minute] = arrival
            if arrival := self.arrivals[day, minute]:
                yield minute, arrival

    def stays(self, day, arrival, length):
        """Whether the clock shows that date through every minute of the session."""
        return all(
            (arrival + n * MINUTE).astimezone(self.zone).date() == day
            for n in range(length)
        )

    def options(self, day, names=None):
        """{arrival minute: set of operators} of that date, for the roles `names`."""
        names = tuple(self.roles if names is None else names)
        if (day, names) not in self.starts:
            found = {}
            for minute, arrival in self.times(day):
                leaders = {c.get("operator") for c in self.crews(names, arrival)}
                if leaders:
                    found[minute] = leaders
            self.starts[day, names] = found
        return self.starts[day, names]

    # --- which dates a session may have by the rules of dates alone --------------------

    def in_bounds(self, number, day):
        series = self.series
        if not (
            date.fromisoformat(series["earliest"])
            <= day
            <= date.fromisoformat(series["latest"])
        ):
            return False
        if number in self.not_before and day < self.not_before[number]:
            return False
        before, after = self.fixed.get(number - 1), self.fixed.get(number + 1)
        if before and not self.gap[0] <= (day - before[0]).days <= self.gap[1]:
            return False
        return not (after and not self.gap[0] <= (after[0] - day).days <= self.gap[1])

    def all_days(self):
        day = date.fromisoformat(self.series["earliest"])
        while day <= date.fromisoformat(self.series["latest"]):
            yield day
            day += DAY

    # --- objective -----------------------------------------------------------------------

    def switches(self, operators):
        """Operator switches when the planned sessions have these operators, by number."""
        if "operator" not in self.roles:
            return 0
        known = {n: op for n, (_day, op) in self.fixed.items() if op is not None}
        known.update({n: op for n, op in operators.items() if op is not None})
        return sum(
            known[a] != known[b] and not (a in self.fixed and b in self.fixed)
            for a, b in pairwise(sorted(known))
        )

    def fewest_switches(self, leaders):
        """The fewest over all choices of one operator each; `leaders` by number."""
        numbers = sorted(leaders)
        return min(
            self.switches(dict(zip(numbers, chosen, strict=True)))
            for chosen in product(*(leaders[n] for n in numbers))
        )

    def tuple_of(self, visits, switches):
        """`visits`: {number: (date, minute)} of the planned sessions."""
        dates = {n: day for n, (day, _operator) in self.fixed.items()}
        dates.update({n: day for n, (day, _minute) in visits.items()})
        ideal = self.series["ideal_gap_days"]
        rhythm = sum(
            abs((dates[n] - dates[n - 1]).days - ideal)
            for n in range(2, self.count + 1)
            if n in visits or n - 1 in visits
        )
        finish = dates[self.count].toordinal()
        planned = [visits[n] for n in sorted(visits)]
        sums = (
            sum(day.toordinal() for day, _minute in planned),
            sum(minute for _day, minute in planned),
        )
        if self.strategy == "earliest-finish":
            return (finish, switches, rhythm, *sums)
        if self.strategy == "one-practitioner":
            return (finish, rhythm, *sums)
        turns = sum(a[0].weekday() != b[0].weekday() for a, b in pairwise(planned))
        drift = sum(abs(a[1] - b[1]) for a, b in pairwise(planned))
        return (turns, drift, finish, switches, *sums)

    # --- every plan ------------------------------------------------------------------------

    def lists(self, numbers=None, visits=None):
        """Every list of (date, arrival) that keeps all rules of dates and times."""
        numbers = self.planned if numbers is None else numbers
        visits = visits or {}
        if not numbers:
            yield visits
            return
        number, *others = numbers
        for day in self.all_days():
            if not self.in_bounds(number, day):
                continue
            if number - 1 in visits:
                gap = (day - visits[number - 1][0]).days
                if not self.gap[0] <= gap <= self.gap[1]:
                    continue
            for minute in self.options(day):
                yield from self.lists(others, {**visits, number: (day, minute)})

    def ranked(self):
        """The tuple and visits of every list, best first."""
        found = []
        for tried, visits in enumerate(self.lists()):
            if tried == self.patience:
                raise TooManyPlansError
            leaders = {n: self.options(day)[m] for n, (day, m) in visits.items()}
            switches = self.fewest_switches(leaders)
            if self.strategy != "one-practitioner" or switches == 0:
                found.append((self.tuple_of(visits, switches), visits))
        return sorted(found, key=lambda pair: (pair[0], sorted(pair[1].items())))

    # --- why not ------------------------------------------------------------------------------

    def partial_switches(self, operators, upto):
        """Switches among the sessions up to number `upto`, and on to what is fixed next."""
        if "operator" not in self.roles:
            return 0
        known = {n: op for n, (_d, op) in self.fixed.items() if n <= upto and op}
        known.update(operators)
        following = upto + 1
        while following in self.fixed:
            if self.fixed[following][1]:
                known[following] = self.fixed[following][1]
            following += 1
        return sum(
            known[a] != known[b] and not (a in self.fixed and b in self.fixed)
            for a, b in pairwise(sorted(known))
        )

    def partials(self, number):
        """{(date of session `number`, operator)} over plans of it and all before it.

        An operator only matters to the hard rule; without one it is None.
        """
        strict = self.strategy == "one-practitioner" and "operator" in self.roles
        states = {((), ())}
        for planned in [n for n in self.planned if n <= number]:
            further = set()
            for days, leaders in states:
                for day in self.all_days():
                    if not self.in_bounds(planned, day):
                        continue
                    before = dict(days).get(planned - 1)
                    if before is not None:
                        gap = (day - before).days
                        if not self.gap[0] <= gap <= self.gap[1]:
                            continue
                    able = set().union(*self.options(day).values())
                    for leader in able if strict else {None} if able else ():
                        chosen = {**dict(leaders), planned: leader}
                        if strict and self.partial_switches(chosen, planned):
                            continue
                        further.add((((planned, day),), ((planned, leader),)))
            states = further
        return {(days[-1][1], leaders[-1][1]) for days, leaders in states}

    def blocked(self):
        """(session, window, roles) of an infeasible problem."""
        for number in self.planned:
            if not self.partials(number):
                return number, self.window(number), self.missing(number)
        raise AssertionError("nothing is blocked")

    def window(self, number):
        if number == 1:
            return [self.series["earliest"], self.series["latest"]]
        if number - 1 in self.fixed:
            days = [self.fixed[number - 1][0]]
        else:
            days = [day for day, _operator in self.partials(number - 1)]
        return [
            (min(days) + self.gap[0] * DAY).isoformat(),
            (max(days) + self.gap[1] * DAY).isoformat(),
        ]

    def missing(self, number):
        for size in range(len(self.roles) + 1):
            for names in combinations(sorted(self.roles), size):
                if not self.fits(number, names):
                    return list(names)
        raise AssertionError("the roles do not block it")

    def fits(self, number, names):
        """Whether an arrival is left, were only the roles `names` needed."""
        strict = self.strategy == "one-practitioner" and "operator" in names
        earlier = [n for n in self.planned if n < number]
        states = self.partials(earlier[-1]) if earlier else {(None, None)}
        for day in self.all_days():
            if not self.in_bounds(number, day):
                continue
            able = set().union(*self.options(day, names).values())
            for before, leader in states:
                if number - 1 in self.planned:
                    gap = (day - before).days
                    if not self.gap[0] <= gap <= self.gap[1]:
                        continue
                if not strict and able:
                    return True
                for operator in able if strict else ():
                    chosen = {number: operator}
                    if earlier:
                        chosen[earlier[-1]] = leader
                    if not self.partial_switches(chosen, number):
                        return True
        return False

    def relaxed(self, **change):
        """The same diary, with the series changed."""
        series = {**self.series, **change}
        other = copy(self)
        other.problem = {**self.problem, "series": series}
        other.series = series
        other.starts = {}
        return other

    def relaxations(self, upto):
        """{change as text: best tuple}; `upto` is the last date worth trying."""
        found = []

        def solves(**change):
            ranked = self.relaxed(**change).ranked()
            if ranked:
                found.append((change, list(ranked[0][0])))
            return bool(ranked)

        series = self.series
        weekdays = sorted(set(series.get("weekdays", range(7))))
        for weekday in set(range(7)) - set(weekdays):
            solves(weekdays=sorted([*weekdays, weekday]))
        first, last = series.get("arrive_between", ["00:00", "23:59"])
        grid = range(0, 24 * 60, self.problem["grid_minutes"])
        times = [f"{minute // 60:02}:{minute % 60:02}" for minute in grid]
        for nearer in reversed([each for each in times if each < first]):
            if solves(arrive_between=[nearer, last]):
                break
        for nearer in [each for each in times if each > last]:
            if solves(arrive_between=[first, nearer]):
                break
        latest = date.fromisoformat(series["latest"])
        while latest < upto:
            latest += DAY
            if solves(latest=latest.isoformat()):
                break
        blackouts = series.get("blackouts", [])
        for at in range(len(blackouts)):
            solves(blackouts=blackouts[:at] + blackouts[at + 1 :])
        return sorted(found, key=lambda pair: pair[1])
