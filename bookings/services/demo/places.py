"""The demo clinic's two locations: who works there, the rooms, devices and hours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import holidays

from clinic.models import (
    Closure,
    ClosureKind,
    Device,
    DeviceKind,
    Location,
    Practitioner,
    Resource,
    Room,
    User,
    WeeklyHours,
)

CENTRETOWN, WESTBORO = "centretown", "westboro"
DOCTOR = "okafor"

Shift = tuple[str, str, str]  # days of the week as digits, 0 is Monday; from; until
STAFF_JOINED = datetime(2024, 9, 3, 13, 0, tzinfo=UTC)

LOCATIONS = (
    {
        "slug": CENTRETOWN,
        "name": "Centretown",
        "address": "18 Larkspur Row",
        "city": "Ottawa",
        "phone": "613-555-0100",
        "directions": "Between the canal and Bank Street, five minutes on foot from the "
        "Parliament O-Train station. The door is level with the street and opens by "
        "itself. There is a lift to the second floor, and paid parking behind the house.",
        "directions_fr": "Entre le canal et la rue Bank, à cinq minutes à pied de la "
        "station Parlement de l’O-Train. La porte est de plain-pied et s’ouvre toute "
        "seule. Un ascenseur mène au deuxième étage, et il y a un stationnement payant "
        "derrière l’immeuble.",
    },
    {
        "slug": WESTBORO,
        "name": "Westboro",
        "address": "240 Quarry Walk",
        "city": "Ottawa",
        "phone": "613-555-0118",
        "directions": "One block north of Richmond Road, on the ground floor. Buses stop "
        "at the corner. Two parking places in front are kept for our patients.",
        "directions_fr": "À une rue au nord du chemin Richmond, au rez-de-chaussée. "
        "L’autobus s’arrête au coin. Deux places devant la porte sont réservées à nos "
        "patients.",
    },
)
OPENING: Mapping[str, tuple[Shift, ...]] = {
    CENTRETOWN: (("012345", "08:30", "17:30"),),
    WESTBORO: (("1234", "09:00", "17:00"),),
}


@dataclass(frozen=True, slots=True)
class Colleague:
    """One practitioner of the demo, with shifts around the lunch break."""

    code: str
    name: str
    first_name: str
    last_name: str
    credential: str
    location: str
    skills: tuple[str, ...]
    shifts: tuple[Shift, ...]

    @property
    def is_doctor(self) -> bool:
        return "doctor" in self.skills


@dataclass(frozen=True, slots=True)
class Told:
    """What the public site says of a doctor, in English and French."""

    about: str
    about_fr: str
    languages: tuple[str, ...]


ON_SITE: Mapping[str, Told] = {
    DOCTOR: Told(
        "Medical director. Scars, RF and PRP.",
        "Directrice médicale. Cicatrices, radiofréquence et PRP.",
        ("en",),
    ),
    "beaulieu": Told(
        "Scars and sun damage.",
        "Cicatrices et dommages du soleil.",
        ("en", "fr"),
    ),
}
COLLEAGUES = (
    Colleague(
        DOCTOR,
        "Dr Adaeze Okafor",
        "Adaeze",
        "Okafor",
        "MD, medical director",
        CENTRETOWN,
        ("needling", "rf", "prp", "consult", "doctor"),
        (
            ("0", "13:00", "17:00"),
            ("13", "08:30", "12:15"),
            ("13", "13:00", "16:30"),
            ("2", "13:00", "17:30"),
            ("4", "08:30", "12:30"),
        ),
    ),
    Colleague(
        "lachance",
        "S. Lachance",
        "Simone",
        "Lachance",
        "Nurse practitioner",
        CENTRETOWN,
        ("needling", "rf", "prp", "consult"),
        (
            ("0", "13:00", "16:30"),
            ("13", "08:30", "12:00"),
            ("13", "13:00", "15:30"),
        ),
    ),
    Colleague(
        "haddad",
        "I. Haddad",
        "Imran",
        "Haddad",
        "Registered nurse",
        CENTRETOWN,
        ("needling", "prp", "consult"),
        (("2", "13:00", "17:30"), ("4", "08:30", "12:30"), ("5", "09:00", "13:00")),
    ),
    Colleague(
        "carrow",
        "M. Carrow",
        "Mira",
        "Carrow",
        "Registered nurse",
        CENTRETOWN,
        ("consult",),
        (("025", "09:00", "12:00"),),
    ),
    Colleague(
        "beaulieu",
        "Dr Luc Beaulieu",
        "Luc",
        "Beaulieu",
        "MD",
        WESTBORO,
        ("needling", "rf", "prp", "consult", "doctor"),
        (
            ("1", "09:00", "12:30"),
            ("2", "09:00", "12:30"),
            ("2", "13:15", "16:30"),
            ("34", "09:00", "12:30"),
        ),
    ),
    Colleague(
        "bouchard",
        "C. Bouchard",
        "Claire",
        "Bouchard",
        "Registered nurse",
        WESTBORO,
        ("needling", "prp", "consult"),
        (("1", "13:00", "16:00"), ("3", "09:00", "12:00")),
    ),
)

TREAT, TALK = "treatment", "consult"
ROOMS = (
    ("consult-room", "Consult room", CENTRETOWN, (TALK,)),
    ("room-1", "Room 1", CENTRETOWN, (TREAT, TALK)),
    ("room-2", "Room 2", CENTRETOWN, (TREAT, TALK)),
    ("room-3", "Room 3", CENTRETOWN, (TREAT, TALK)),
    ("room-4", "Room 4", WESTBORO, (TREAT, TALK)),
    ("room-5", "Room 5", WESTBORO, (TREAT, TALK)),
)

PEN, ROLLER = DeviceKind.PEN, DeviceKind.ROLLER
RF, CENTRIFUGE = DeviceKind.RF, DeviceKind.CENTRIFUGE
SKILL = {PEN: "needling", ROLLER: "roller", RF: "rf", CENTRIFUGE: "centrifuge"}
# Code, name, location, kind, licence number, days until the licence expires and until
# the next service: one is soon, one is overdue.
DEVICES = (
    ("pen-1", "Pen 1", CENTRETOWN, PEN, "104417", 730, 212),
    ("pen-2", "Pen 2", CENTRETOWN, PEN, "104417", 730, 24),
    ("rf-1", "RF device 1", CENTRETOWN, RF, "106852", 910, 150),
    ("rf-2", "RF device 2", CENTRETOWN, RF, "106852", 910, 150),
    ("roller-1", "Derma roller", CENTRETOWN, ROLLER, "103290", 560, 96),
    ("centrifuge-a", "Centrifuge A", CENTRETOWN, CENTRIFUGE, "101774", 640, -3),
    ("pen-3", "Pen 3", WESTBORO, PEN, "104417", 730, 240),
    ("pen-4", "Pen 4", WESTBORO, PEN, "104417", 730, 240),
    ("centrifuge-b", "Centrifuge B", WESTBORO, CENTRIFUGE, "101774", 640, 130),
)


def make_locations() -> dict[str, Location]:
    """The two Ottawa locations, by slug."""
    return {row["slug"]: Location.objects.create(**row) for row in LOCATIONS}


def make_resources(places: Mapping[str, Location], *, today: date) -> None:
    """Practitioners, rooms and devices with their hours and closures."""
    staff = [_practitioner(person, places[person.location]) for person in COLLEAGUES]
    rooms = [
        Room.objects.create(code=code, name=name, location=places[at], skills=[*skills])
        for code, name, at, skills in ROOMS
    ]
    devices = [_device(row, places, today) for row in DEVICES]
    hours = [
        row
        for person, resource in zip(COLLEAGUES, staff, strict=True)
        for row in _hours(resource, person.shifts)
    ]
    for place in (*rooms, *devices):
        hours += _hours(place, OPENING[place.location.slug])
    WeeklyHours.objects.bulk_create(hours)
    Closure.objects.bulk_create([*_holidays(today), *_absences(today)])


def _practitioner(person: Colleague, place: Location) -> Practitioner:
    told = ON_SITE.get(person.code, Told("", "", ()))
    return Practitioner.objects.create(
        is_on_site=person.code in ON_SITE,
        about=told.about,
        about_fr=told.about_fr,
        languages=[*told.languages],
        code=person.code,
        name=person.name,
        location=place,
        skills=[*person.skills],
        credential=person.credential,
        may_supervise=person.is_doctor,
        user=User.objects.filter(
            first_name=person.first_name, last_name=person.last_name
        ).first(),
    )


def _device(
    row: tuple[str, str, str, DeviceKind, str, int, int],
    places: Mapping[str, Location],
    today: date,
) -> Device:
    code, name, at, kind, licence, days, service = row
    return Device.objects.create(
        code=code,
        name=name,
        location=places[at],
        skills=[SKILL[kind]],
        device_kind=kind,
        health_canada_class=2,
        licence_number=licence,
        licence_expires_on=today + timedelta(days=days),
        in_service_from=date(today.year - 2, 9, 1),
        service_due_on=today + timedelta(days=service),
    )


def _hours(resource: Resource, shifts: tuple[Shift, ...]) -> Iterator[WeeklyHours]:
    for weekdays, opens, closes in shifts:
        for weekday in weekdays:
            yield WeeklyHours(
                resource=resource,
                weekday=int(weekday),
                opens=time.fromisoformat(opens),
                closes=time.fromisoformat(closes),
            )


def _holidays(today: date) -> Iterator[Closure]:
    """Ontario's public holidays, from last year to the year after next."""
    years = range(today.year - 1, today.year + 3)
    days = holidays.country_holidays("CA", subdiv="ON", years=years, language="en_CA")
    for day, name in sorted(days.items()):
        yield Closure(kind=ClosureKind.HOLIDAY, name=name, first_day=day, last_day=day)


def _absences(today: date) -> Iterator[Closure]:
    """Leave and maintenance to come, so that a booking has something to avoid."""
    monday = today - timedelta(days=today.weekday())
    for kind, name, code, week, day, days in (
        (ClosureKind.LEAVE, "Conference", DOCTOR, 13, 2, 3),
        (ClosureKind.LEAVE, "Holiday", "lachance", 6, 0, 5),
        (ClosureKind.LEAVE, "Holiday", "bouchard", 9, 0, 5),
        (ClosureKind.MAINTENANCE, "Yearly service", "rf-2", 4, 2, 1),
    ):
        first = monday + timedelta(weeks=week, days=day)
        yield Closure(
            kind=kind,
            name=name,
            resource=Resource.objects.get(code=code),
            first_day=first,
            last_day=first + timedelta(days=days - 1),
        )
