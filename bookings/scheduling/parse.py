"""From the exchange format to a `Problem`: strict, and exact about where it fails."""

from datetime import date

from bookings.scheduling import fields
from bookings.scheduling.fields import Moments, refuse, under
from bookings.scheduling.problem import (
    ANY_TIME,
    EVERY_WEEKDAY,
    Fixed,
    Kind,
    Phase,
    Problem,
    Resource,
    Role,
    Series,
    Strategy,
)


def parse(value: object) -> Problem:
    """Read one problem from what `json.loads` gave, or raise Malformed."""
    found = fields.record(
        value,
        "",
        "timezone grid_minutes resources roles phases series strategy",
        "proposals",
    )
    zone = fields.zone(found["timezone"], "timezone")
    roles = _roles(found["roles"])
    return Problem(
        zone=zone,
        grid_minutes=fields.whole(found["grid_minutes"], "grid_minutes", 1, 60),
        resources=_resources(found["resources"], Moments(zone)),
        roles=roles,
        phases=_phases(found["phases"], roles),
        series=_series(found["series"]),
        strategy=fields.choice(found["strategy"], "strategy", Strategy),
        proposals=fields.whole(found.get("proposals", 1), "proposals", 1),
    )


def _roles(value: object) -> dict[str, Role]:
    roles = {}
    for name, item in fields.mapping(value, "roles").items():
        path = under("roles", name)
        fields.text(name, path)
        found = fields.record(item, path, "kind", "skills shared")
        roles[name] = Role(
            kind=fields.choice(found["kind"], f"{path}.kind", Kind),
            skills=_words(found.get("skills", []), f"{path}.skills"),
            shared=fields.flag(found.get("shared", False), f"{path}.shared"),
        )
    return roles


def _words(value: object, path: str) -> frozenset[str]:
    return frozenset(fields.text(item, at) for item, at in fields.items(value, path))


def _resources(value: object, moments: Moments) -> tuple[Resource, ...]:
    resources: dict[str, Resource] = {}
    for item, path in fields.items(value, "resources"):
        resource = _resource(item, path, moments)
        if resource.id in resources:
            refuse(f"{path}.id", "is used by a resource above")
        resources[resource.id] = resource
    return tuple(resources.values())


def _resource(value: object, path: str, moments: Moments) -> Resource:
    found = fields.record(value, path, "id kind open", "skills busy")
    return Resource(
        id=fields.text(found["id"], f"{path}.id"),
        kind=fields.choice(found["kind"], f"{path}.kind", Kind),
        skills=_words(found.get("skills", []), f"{path}.skills"),
        open=moments.spans(found["open"], f"{path}.open"),
        busy=moments.spans(found.get("busy", []), f"{path}.busy"),
    )


def _phases(value: object, roles: dict[str, Role]) -> tuple[Phase, ...]:
    phases = tuple(
        _phase(item, path, roles) for item, path in fields.items(value, "phases")
    )
    if not phases:
        refuse("phases", "must hold at least one phase")
    used = {name for phase in phases for name in phase.uses}
    for name in roles:
        if name not in used:
            refuse(under("roles", name), "is used by no phase")
    return phases


def _phase(value: object, path: str, roles: dict[str, Role]) -> Phase:
    found = fields.record(value, path, "name minutes uses")
    uses = {}
    for item, at in fields.items(found["uses"], f"{path}.uses"):
        if fields.text(item, at) not in roles:
            refuse(at, "names no role of this problem")
        uses[str(item)] = at
    return Phase(
        name=fields.text(found["name"], f"{path}.name"),
        minutes=fields.whole(found["minutes"], f"{path}.minutes", 1),
        uses=tuple(uses),
    )


def _series(value: object) -> Series:
    found = fields.record(
        value,
        "series",
        "count gap_days ideal_gap_days earliest latest",
        "weekdays arrive_between blackouts not_before fixed",
    )
    count = fields.whole(found["count"], "series.count", 1)
    ideal = fields.whole(found["ideal_gap_days"], "series.ideal_gap_days", 0)
    series = Series(
        count=count,
        gap_days=_gap(found["gap_days"], "series.gap_days"),
        ideal_gap_days=ideal,
        earliest=fields.day(found["earliest"], "series.earliest"),
        latest=fields.day(found["latest"], "series.latest"),
        weekdays=_weekdays(found),
        arrive_between=_times(found),
        blackouts=_blackouts(found.get("blackouts", []), "series.blackouts"),
        not_before=_not_before(found.get("not_before", {}), count),
        fixed=_fixed(found.get("fixed", {}), count),
    )
    if series.earliest > series.latest:
        refuse("series.latest", "must not lie before series.earliest")
    return series


def _not_before(value: object, count: int) -> dict[int, date]:
    return {
        number: fields.day(item, path)
        for number, item, path in fields.numbered(value, "series.not_before", count)
    }


def _gap(value: object, path: str) -> tuple[int, int]:
    least, most = fields.pair(value, path)
    gap = fields.whole(least, f"{path}[0]", 1), fields.whole(most, f"{path}[1]", 1)
    if gap[0] > gap[1]:
        refuse(path, "must not start after its end")
    return gap


def _weekdays(found: dict[str, object]) -> frozenset[int]:
    if "weekdays" not in found:
        return EVERY_WEEKDAY
    path = "series.weekdays"
    listed = fields.items(found["weekdays"], path)
    weekdays = frozenset(fields.whole(item, at, 0, 6) for item, at in listed)
    if not weekdays:
        refuse(path, "must hold at least one weekday")
    return weekdays


def _times(found: dict[str, object]) -> tuple[int, int]:
    if "arrive_between" not in found:
        return ANY_TIME
    path = "series.arrive_between"
    first, last = fields.pair(found["arrive_between"], path)
    times = (
        fields.time_of_day(first, f"{path}[0]"),
        fields.time_of_day(last, f"{path}[1]"),
    )
    if times[0] > times[1]:
        refuse(path, "must not start after its end")
    return times


def _blackouts(value: object, path: str) -> tuple[tuple[date, date], ...]:
    blackouts = []
    for item, at in fields.items(value, path):
        first, last = fields.pair(item, at)
        blackout = fields.day(first, f"{at}[0]"), fields.day(last, f"{at}[1]")
        if blackout[0] > blackout[1]:
            refuse(at, "must not start after its end")
        blackouts.append(blackout)
    return tuple(blackouts)


def _fixed(value: object, count: int) -> dict[int, Fixed]:
    sessions: dict[int, Fixed] = {}
    before: Fixed | None = None
    for number, item, path in fields.numbered(value, "series.fixed", count):
        found = fields.record(item, path, "date", "operator")
        operator = None
        if "operator" in found:
            operator = fields.text(found["operator"], f"{path}.operator")
        session = Fixed(fields.day(found["date"], f"{path}.date"), operator)
        if before and session.date <= before.date:
            refuse(f"{path}.date", "must lie after the fixed session before it")
        sessions[number] = before = session
    return sessions
