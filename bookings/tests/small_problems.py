"""Small random problems with every feature of the exchange format.

`pick` chooses one item of a list: Hypothesis' draw in the tests, a seeded random
generator in a long soak.
"""

from datetime import date, timedelta

# Zone and date around which something happens to the clock, or nothing does.
PLACES = [
    ("America/Toronto", "2026-06-01"),
    ("America/Toronto", "2026-10-30"),
    ("America/Toronto", "2026-10-31"),
    ("America/Toronto", "2027-03-12"),
    ("America/Toronto", "2027-03-14"),
    ("America/Havana", "2026-10-31"),
    ("America/Havana", "2027-03-13"),
    ("America/St_Johns", "2006-10-27"),
    ("America/St_Johns", "2006-04-01"),
    ("Australia/Lord_Howe", "2027-04-03"),
    ("Australia/Lord_Howe", "2026-10-03"),
    ("Pacific/Apia", "2011-12-28"),
    ("Africa/Cairo", "2026-04-23"),
    ("Africa/Cairo", "2026-10-28"),
    ("UTC", "2026-06-01"),
]
OFFSETS = ["", "", "", "Z", "-05:00", "+10:30"]
OPEN = [0, 91, 150, 180, 240, 240, 300, 1500]
BUSY = [0, 15, 20, 44, 60, 90, 1500]
ROLES = {
    "operator": [("practitioner", [], False), ("practitioner", ["needling"], False)],
    "assistant": [("practitioner", [], False), ("practitioner", ["rf"], False)],
    "room": [("room", [], False), ("room", ["treatment"], False)],
    "device": [("device", [], False)],
    "annexe": [("room", [], False)],
    "supervisor": [("practitioner", [], True), ("practitioner", ["doctor"], True)],
}
SKILLS = {
    "practitioner": ["needling", "rf", "doctor"],
    "room": ["treatment"],
    "device": ["pen"],
}


def small_problem(pick):
    """One problem in the exchange format; small enough to try every plan."""
    zone, around = pick(PLACES)
    earliest = date.fromisoformat(around)
    days = pick([3, 6, 8, 10])
    hour = pick([0, 0, 9, 22])
    count = pick([1, 2, 2, 2, 3, 3, 4])
    roles = _roles(pick)
    problem = {
        "timezone": zone,
        "grid_minutes": pick([15, 20, 30, 30, 45, 60, 60, 7]),
        "resources": _resources(pick, earliest, days, hour),
        "roles": roles,
        "phases": _phases(pick, roles),
        "series": _series(pick, earliest, days, hour, count),
        "strategy": pick(["earliest-finish", "steady", "one-practitioner"]),
        "proposals": pick([1, 1, 2, 3, 5, 40]),
    }
    if problem["proposals"] == 1 and pick([True, False]):
        del problem["proposals"]
    return problem


def _roles(pick):
    names = pick(
        [
            ["operator"],
            ["operator", "room"],
            ["operator", "room", "device"],
            ["operator", "assistant"],
            ["operator", "assistant", "supervisor"],
            ["operator", "room", "annexe"],
            ["room", "annexe"],
            ["room", "device"],
            ["assistant", "operator", "room", "supervisor"],
            [],
        ]
    )
    roles = {}
    for name in names:
        kind, skills, shared = pick(ROLES[name])
        roles[name] = {"kind": kind, "skills": skills, "shared": shared}
        if not skills:
            del roles[name]["skills"]
        if not shared and pick([True, False]):
            del roles[name]["shared"]
    return roles


def _phases(pick, roles):
    phases = [
        {
            "name": f"phase {at}",
            "minutes": pick([5, 10, 15, 20, 30, 37]),
            "uses": [name for name in roles if pick([True, False])],
        }
        for at in range(pick([1, 2, 2, 3]))
    ]
    for name in roles:
        if not any(name in phase["uses"] for phase in phases):
            pick(phases)["uses"].append(name)
    return phases


def _resources(pick, earliest, days, hour):
    resources = []
    for kind, names in [
        (
            "practitioner",
            pick([["ann"], ["ann", "bo"], ["bo", "ann"], ["cy", "bo", "ann"]]),
        ),
        ("room", pick([["r1"], ["r1", "r2"], ["r2", "r1"]])),
        ("device", pick([["d1"], ["d1", "d2"], ["d1"], []])),
    ]:
        for name in names:
            skills = [
                skill for skill in SKILLS[kind] if pick([True, True, True, False])
            ]
            resource = {
                "id": name,
                "kind": kind,
                "skills": skills,
                "open": _spans(pick, earliest, days, hour, pick([0, 0, 0, 1]), OPEN),
                "busy": _spans(pick, earliest, days, hour, pick([3, 5, 6, 7]), BUSY),
            }
            if not resource["busy"] and pick([True, False]):
                del resource["busy"]
            resources.append(resource)
    return resources


def _spans(pick, earliest, days, hour, skip, lengths):
    """A span on most days, with `skip` of each seven left out."""
    spans = []
    for day in range(-1, days + 3):
        if pick(range(7)) < skip:
            continue
        at = earliest + timedelta(days=day)
        start = hour * 60 + pick([0, 0, 0, 15, 30, 45, 67, 90])
        length = pick(lengths)
        end = start + length
        until = at + timedelta(days=end // 1440)
        clock = f"T{start // 60 % 24:02}:{start % 60:02}"
        at += timedelta(days=start // 1440)
        stop = f"T{end // 60 % 24:02}:{end % 60:02}"
        offset = pick(OFFSETS)
        if length == 0:
            spans.append([f"{at}{clock}{offset}"] * 2)
        else:
            spans.append([f"{at}{clock}{offset}", f"{until}{stop}{offset}"])
    return spans


def _series(pick, earliest, days, hour, count):
    least = pick([1, 1, 2, 3])
    gap = [least, least + pick([0, 1, 2, 4])]
    latest = earliest + timedelta(days=days - 1)
    series = {
        "count": count,
        "gap_days": gap,
        "ideal_gap_days": pick([gap[0], gap[1], sum(gap) // 2, 1]),
        "earliest": str(earliest),
        "latest": str(latest),
    }
    if pick([True, False, False, False]):
        series["weekdays"] = [day for day in range(7) if pick([True, True, False])]
        series["weekdays"] = series["weekdays"] or [pick(range(7))]
    if pick([True, True, True, False]):
        start = hour * 60 + pick([0, 20, 30, 60, 90])
        end = min(start + pick([0, 45, 60, 119]), 1439)
        series["arrive_between"] = [
            f"{minute // 60:02}:{minute % 60:02}" for minute in (start, end)
        ]
    if pick([True, False, False, False]):
        series["blackouts"] = []
        for _at in range(pick([1, 2])):
            first = earliest + timedelta(days=pick(range(days)))
            last = first + timedelta(days=pick([0, 1]))
            series["blackouts"].append([str(first), str(last)])
    if pick([True, False, False, False]):
        number = pick(range(1, count + 1))
        day = earliest + timedelta(days=pick(range(days)))
        series["not_before"] = {str(number): str(day)}
    if pick([True, False, False, False]):
        series["fixed"] = _fixed(pick, earliest, gap, count)
    return series


def _fixed(pick, earliest, gap, count):
    fixed, day = {}, earliest + timedelta(days=pick([-3, -1, 0, 1]))
    for number in range(1, count + 1):
        if pick([True, False, False, False]):
            fixed[str(number)] = {"date": str(day)}
            if operator := pick([None, "ann", "bo", "zoe"]):
                fixed[str(number)]["operator"] = operator
        day += timedelta(days=pick(range(gap[0], gap[1] + 1)))
    return fixed
