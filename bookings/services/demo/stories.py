"""The demo's people with a story: a plan in every state, as a tour would show it."""

from dataclasses import dataclass, field
from enum import StrEnum

from bookings.services.demo.people import Person
from bookings.services.demo.places import CENTRETOWN, WESTBORO

MN, MN_RF, MN_PRP = "microneedling", "microneedling-rf", "microneedling-prp"
ROLLER = "scar-roller"


class State(StrEnum):
    """How far a story's plan has come."""

    DRAFT = "draft"
    WAITING = "waiting"
    RETURNED = "returned"
    DECLINED = "declined"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Yes:
    """A health question answered with yes: when it was, and in which words."""

    days_ago: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Dates:
    """Where a story's sessions lie: one of them, and the direction to look from there.

    The others follow inside their windows. `cancelled` sessions give their time back.
    """

    number: int
    days_from_today: int
    step: int = 1
    cancelled: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """One person, one plan, and how far it has come. Times are local, before today."""

    person: Person
    treatment: str
    sessions: int
    concern: str
    area: str
    state: State
    sent: tuple[int, int, int]  # days ago, hour, minute
    wishes: str = ""
    yes: dict[str, Yes] = field(default_factory=dict)
    asked: bool = True
    note: str = ""
    returned_before: str = ""
    depths: tuple[str, str] | None = None  # in mm: as first sent, and as sent again
    layer: str = ""  # of skin, where it is not the protocol's
    milder: str = ""  # why make-up is allowed after 12 hours
    away: tuple[tuple[int, int, str], ...] = ()  # first and last day from today
    dates: Dates | None = None


WAITING = (
    Story(
        Person("Farid", "Benson-Kaur", "he/him", age=29, slug=CENTRETOWN),
        MN,
        5,
        "acne-scars",
        "face",
        State.WAITING,
        (2, 11, 20),
        wishes="The marks on my jaw bother me most.",
        yes={"keloid": Yes(detail="A raised scar on one shoulder, after a vaccine.")},
    ),
    Story(
        Person("Joanna", "Whitlock", "she/her", age=34, slug=CENTRETOWN),
        MN_RF,
        3,
        "acne-scars",
        "face",
        State.WAITING,
        (1, 15, 10),
        wishes="Light acne scars on my cheeks. I would like them smoother. "
        "The wedding is not a deadline.",
        yes={
            "isotretinoin": Yes(21),
            "cold-sores": Yes(detail="About twice a year, on the upper lip."),
        },
        returned_before="Go shallower on the face. I also need the date of the last "
        "isotretinoin dose.",
        depths=("1.5", "1.0"),
        away=((109, 117, "Halifax"), (151, 151, "Sister’s wedding")),
    ),
    Story(
        Person("Lucie", "Hamelin", "she/her", "fr", age=52, slug=CENTRETOWN),
        MN_PRP,
        3,
        "fine-lines",
        "face",
        State.WAITING,
        (1, 15, 45),
        yes={"blood-thinner": Yes(detail="Apixaban since last spring.")},
    ),
    Story(
        Person("Odile", "Marchetti", "she/her", "fr", age=61, slug=WESTBORO),
        MN,
        2,
        "other-scars",
        "neck",
        State.WAITING,
        (1, 16, 5),
        yes={"radiation": Yes(240, "Neck, finished in eight weeks.")},
    ),
    Story(
        Person("Grant", "Mowbray", "he/him", age=45, slug=CENTRETOWN),
        MN,
        2,
        "photodamage",
        "face",
        State.WAITING,
        (1, 16, 30),
    ),
    Story(
        Person("Theo", "Ramsay", "he/him", age=38, slug=CENTRETOWN),
        MN_RF,
        3,
        "loss-of-firmness",
        "neck",
        State.WAITING,
        (1, 16, 55),
        yes={"rf-implant": Yes(detail="A plate in the collarbone, since 2019.")},
    ),
)

UNBOOKED = (
    Story(
        Person("Sofia", "Lindgren", "she/her", age=31, slug=CENTRETOWN),
        MN,
        3,
        "uneven-tone",
        "face",
        State.APPROVED,
        (4, 10, 40),
        wishes="Afternoons, if possible. I am on stage most evenings.",
        milder="On stage each evening; has mineral make-up and knows how to use it.",
        away=((52, 59, "Ski week"),),
    ),
    Story(
        Person("Malik", "Touré", "he/him", "fr", age=40, slug=CENTRETOWN),
        MN_RF,
        3,
        "acne-scars",
        "face",
        State.APPROVED,
        (5, 14, 5),
    ),
    Story(
        Person("Ines", "Cardoso", "she/her", age=47, slug=CENTRETOWN),
        MN_PRP,
        3,
        "fine-lines",
        "decollete",
        State.APPROVED,
        (3, 9, 50),
    ),
    Story(
        Person("Joséphine", "Gravel", "she/her", "fr", age=36, slug=WESTBORO),
        MN,
        2,
        "fine-lines",
        "face",
        State.APPROVED,
        (6, 13, 25),
        layer="epidermis",
    ),
)

UNFINISHED = (
    Story(
        Person("Hannah", "Osei", "she/her", age=27, slug=CENTRETOWN),
        MN,
        3,
        "acne-scars",
        "face",
        State.DRAFT,
        (1, 14, 20),
        asked=False,
    ),
    Story(
        Person("Lucas", "Pruneau", "he/him", "fr", age=33, slug=WESTBORO),
        MN,
        3,
        "hyperpigmentation",
        "face",
        State.DRAFT,
        (2, 10, 15),
    ),
    Story(
        Person("Beatriz", "Solano", "she/her", age=42, slug=CENTRETOWN),
        MN_RF,
        3,
        "wrinkles",
        "face",
        State.RETURNED,
        (3, 11, 30),
        note="Please ask what she uses at home, and send photos of both sides.",
    ),
    Story(
        Person("Émile", "Fortin", "he/him", "fr", age=58, slug=CENTRETOWN),
        ROLLER,
        2,
        "other-scars",
        "arms",
        State.RETURNED,
        (5, 15, 15),
        note="Two sessions are few for a scar this old. Talk with him about three.",
    ),
    Story(
        Person("Warren", "Pike", "he/him", age=55, slug=CENTRETOWN),
        MN,
        5,
        "other-scars",
        "face",
        State.DECLINED,
        (9, 10, 5),
        note="These scars are deep: laser resurfacing would serve him better.",
    ),
)

ANOUK = Story(
    Person("Anouk", "Desrosiers", "she/her", age=39, slug=CENTRETOWN),
    MN,
    3,
    "fine-lines",
    "face",
    State.APPROVED,
    (66, 11, 0),
    wishes="Tuesdays suit me. I would like one person throughout.",
    dates=Dates(2, 7, step=-1),
)

BOOKED = (
    ANOUK,
    Story(
        Person(
            "Maya", "Tremblay", "she/her", age=41, phone="+16135550142", slug=CENTRETOWN
        ),
        MN_PRP,
        3,
        "fine-lines",
        "neck",
        State.APPROVED,
        (68, 13, 30),
        away=((35, 41, "Cancún"),),
        dates=Dates(2, 0),
    ),
    Story(
        Person("Gwen", "Abara", "she/her", age=50, slug=CENTRETOWN),
        MN,
        3,
        "photodamage",
        "face",
        State.APPROVED,
        (40, 9, 40),
        wishes="I may be abroad for the third session.",
        dates=Dates(1, -24, step=-1, cancelled=(3,)),
    ),
    Story(
        Person("Simon", "Leclair", "he/him", "fr", age=44, slug=WESTBORO),
        MN,
        2,
        "uneven-tone",
        "face",
        State.WITHDRAWN,
        (15, 10, 10),
        dates=Dates(1, 13, cancelled=(1, 2)),
    ),
)

STORIES = WAITING + UNBOOKED + UNFINISHED + BOOKED
PEOPLE = tuple(story.person for story in STORIES)
