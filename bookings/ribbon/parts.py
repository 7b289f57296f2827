"""What a drawing is made of: plain numbers, paths and words for a template."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, in CSS pixels from the top left."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of its right edge."""
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Icon:
    """A small sign with its top left corner."""

    name: str
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class Text:
    """Words on one baseline; `kind` names their class."""

    x: float
    y: float
    text: str
    kind: str
    anchor: str = "start"
    icon: Icon | None = None


@dataclass(frozen=True, slots=True)
class Ruler:
    """Month names, Monday numbers and ticks."""

    base: str
    weeks: str
    days: str
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """The days on which a session may lie, its bracket and its dates."""

    box: Box
    ends: str
    edge: str
    texts: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class CareBand:
    """The days before and after a session; a part that lies outside is `None`."""

    pre: Box | None
    pre_line: str
    settling: Box | None
    strong: Box | None
    settling_line: str
    stem: Box | None


@dataclass(frozen=True, slots=True)
class GapLine:
    """The line from one marker to the next and the days it spans."""

    days: int
    bad: bool
    line: str
    allowed: bool = False
    pill: Box | None = None
    text: Text | None = None


@dataclass(frozen=True, slots=True)
class Marker:
    """A session's mark, centred on `x`, `y`."""

    x: float
    y: float
    number: int
    state: str
    outline: str
    sink: float
    sign: str
    baseline: float
    font_size: float


@dataclass(frozen=True, slots=True)
class Flag:
    """A label with the stem from it to `at`; `row` counts from the top."""

    kind: str
    row: int
    at: float
    box: Box
    text: Text
    stem: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything on the track, in no order: the template lays it in layers."""

    track: Box
    grid: str
    ground: Box | None
    windows: tuple[Window, ...]
    away: tuple[Box, ...]
    closed: tuple[Box, ...]
    care: tuple[CareBand, ...]
    frames: tuple[Box, ...]
    gaps: tuple[GapLine, ...]
    markers: tuple[Marker, ...]
    not_before: str
    today: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture of time: a ruler, a track with its scene, or both."""

    width: float
    height: float
    treatment: str = "mn"
    ruler: Ruler | None = None
    scene: Scene | None = None
    flags: tuple[Flag, ...] = ()
    texts: tuple[Text, ...] = ()
