"""What the sources suggest for a plan: from its concerns, its areas and how severe it is.

Nothing is written: a clinician takes what fits. Each suggestion names its source.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.services import shapes
from bookings.services.editing import limits
from clinic.words import said
from treatments.models import BodyArea, Concern, Protocol, Source


class Severity(TextChoices):
    """How marked what brings the patient is, as the clinician sees it."""

    MILD = "mild", gettext_lazy("Mild")
    MODERATE = "moderate", gettext_lazy("Moderate")
    SEVERE = "severe", gettext_lazy("Severe")


DEPTHS = {
    "neck": ("0.5", "0.5", "1.0"),
    "decollete": ("0.5", "0.5", "1.0"),
    "legs": ("1.0", "1.5", "2.0"),
}
USUAL_DEPTHS = ("0.5", "1.0", "1.5")
SCARS = frozenset({"acne-scars", "other-scars"})
DEEPER = Decimal("0.5")
"""Depths in mm by severity, and how much deeper scars go [clinic default: the medical
director confirms them]; never beyond 2.0 mm (source: S2)."""

NEEDLING = (20, 25, 30)
FURTHER_AREA = 10
"""Minutes of needling by severity, typically 20 to 30 (source: S2), and those that each
further area adds, up to an hour in all (source: S1)."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing to set, in words, with its source, and the fields it fills."""

    key: str
    what: str
    value: str
    source: str
    fill: dict[str, str]

    @property
    def fill_json(self) -> str:
        """The fields it fills, for the page's own script."""
        return as_json([self])

    @property
    def is_clinic_default(self) -> bool:
        """Whether nobody but the clinic says so yet."""
        return self.source == Source.CLINIC


@dataclass(frozen=True, slots=True)
class Case:
    """What the suggestions are made from; `layer` "" is the protocol's."""

    protocol: Protocol
    concerns: Sequence[Concern]
    areas: Sequence[BodyArea]
    severity: Severity
    layer: str = ""

    @property
    def step(self) -> int:
        """0, 1 or 2, from mild to severe."""
        return list(Severity).index(self.severity)


def suggestions(case: Case) -> list[Suggestion]:
    """All that can be suggested, in the order of the editor."""
    return [
        _sessions(case),
        _gap(case.protocol),
        *_areas(case),
        *_needling(case),
        _maintenance(case),
    ]


def filled(found: Iterable[Suggestion]) -> dict[str, str]:
    """The fields that all of `found` fill."""
    return {name: value for one in found for name, value in one.fill.items()}


def as_json(found: Iterable[Suggestion]) -> str:
    """The fields that `found` fill, as text for the page's own script."""
    return json.dumps(filled(found))


def note(case: Case) -> str:
    """What else the sources say of so severe a case; "" where they say nothing."""
    if case.severity != Severity.SEVERE:
        return ""
    return _(
        "More severe cases may be better served by an ablative treatment (source: S2)."
    )


def range_words(protocol: Protocol, concerns: Iterable[Concern]) -> str:
    """How many sessions these concerns take, in words: "2 to 3, usually 3"."""
    count = protocol.sessions_for([one.code for one in concerns])
    facts = {"least": count.minimum, "most": count.maximum, "usual": count.usual}
    if count.maximum is None:
        return _("%(least)s or more, usually %(usual)s") % facts
    return _("%(least)s to %(most)s, usually %(usual)s") % facts


def outside(protocol: Protocol, concerns: Iterable[Concern], number: int) -> bool:
    """Whether so many sessions are unlike what the sources say of these concerns.

    A single session a year suits some (source: S1).
    """
    if number == 1 and protocol.single_session_may_do:
        return False
    count = protocol.sessions_for([one.code for one in concerns])
    return number < count.minimum or number > (count.maximum or number)


def _sessions(case: Case) -> Suggestion:
    codes = [one.code for one in case.concerns]
    count = case.protocol.sessions_for(codes)
    steps = (count.minimum, count.usual, count.maximum or count.usual)
    number = str(steps[case.step])
    return Suggestion(
        key="sessions",
        what=_("Sessions"),
        value=_("%(number)s (%(range)s)")
        % {"number": number, "range": range_words(case.protocol, case.concerns)},
        source=count.source,
        fill={"session_count": number},
    )


def _gap(protocol: Protocol) -> Suggestion:
    fewest, most = protocol.gap_min_days, protocol.gap_max_days
    return Suggestion(
        key="gap",
        what=_("Gap between sessions"),
        value=_("%(fewest)s to %(most)s days") % {"fewest": fewest, "most": most},
        source=protocol.gap_source,
        fill={"gap_min": str(fewest), "gap_max": str(most)},
    )


def _areas(case: Case) -> Iterator[Suggestion]:
    protocol = case.protocol
    for area in case.areas:
        name, fields = said(area.name), _fields(area)
        depth = str(_depth(case, area))
        yield Suggestion(
            f"depth-{area.pk}",
            _("%(area)s, depth") % {"area": name},
            _("%(depth)s mm") % {"depth": depth},
            Source.CLINIC,
            {fields["depth"]: depth},
        )
        passes = str(_between(protocol.passes_min, protocol.passes_max, case.step))
        yield Suggestion(
            f"passes-{area.pk}",
            _("%(area)s, passes") % {"area": name},
            passes,
            protocol.passes_source,
            {fields["passes"]: passes},
        )
        if limits.uses_rf(protocol):
            energy = _("Level %(number)s") % {"number": case.step + 1}
            what = _("%(area)s, RF energy") % {"area": name}
            fill = {fields["energy"]: energy}
            yield Suggestion(f"energy-{area.pk}", what, energy, Source.CLINIC, fill)


def _fields(area: BodyArea) -> dict[str, str]:
    return {name: f"{name}-{area.pk}" for name in ("depth", "passes", "energy")}


def _depth(case: Case, area: BodyArea) -> Decimal:
    depth = Decimal(DEPTHS.get(area.code, USUAL_DEPTHS)[case.step])
    if SCARS & {one.code for one in case.concerns}:
        depth += DEEPER
    return min(depth, shapes.depth_limit_of(case.protocol, case.layer))


def _needling(case: Case) -> Iterator[Suggestion]:
    """Minutes of the phase in which the device is used, as far as there is one."""
    for at, phase in enumerate(case.protocol.phases.all()):
        if not {"device", shapes.OPERATOR} <= set(phase.roles):
            continue
        minutes = NEEDLING[case.step] + FURTHER_AREA * max(len(case.areas) - 1, 0)
        given = str(min(minutes, limits.longest(phase)))
        yield Suggestion(
            f"phase-{at}",
            said(phase.name).capitalize(),
            _("%(minutes)s minutes") % {"minutes": given},
            Source.S1_S2,
            {f"phase-{at}": given},
        )


def _maintenance(case: Case) -> Suggestion:
    protocol = case.protocol
    least, most = protocol.maintenance_min, protocol.maintenance_max
    number = str(_between(least, most, case.step))
    return Suggestion(
        "maintenance",
        _("Maintenance, sessions a year"),
        number,
        protocol.maintenance_source,
        {"maintenance": number},
    )


def _between(least: int, most: int, step: int) -> int:
    return (least, (least + most) // 2, most)[step]
