"""The parts of a treatment's own page: who waits, what to expect, care, questions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from bookings.services.site import wording
from bookings.services.site.offers import Offer
from clinic.words import said
from treatments.models import (
    CareInstruction,
    EffectKind,
    Protocol,
    RuleKind,
    SuitabilityRule,
)


class Line(NamedTuple):
    """A short heading and what belongs to it."""

    head: str
    text: str


class Timed(NamedTuple):
    """When, and all that is to be done then."""

    time: str
    texts: list[str]


@dataclass(frozen=True, slots=True)
class Group:
    """Several lines under one heading."""

    title: str
    lines: list[Line]


def who_waits(offer: Offer) -> list[Group]:
    """The questions of the screening, and what a yes to each means, kindly put."""
    groups = (
        (_("Sometimes we wait a little"), (RuleKind.WAIT, RuleKind.DEFER)),
        (_("Some things a clinician looks at first"), (RuleKind.DECIDE,)),
        (_("When something else suits you better"), (RuleKind.EXCLUDE,)),
    )
    found = (
        Group(title, [_rule(row, offer) for row in offer.rules(*kinds)])
        for title, kinds in groups
    )
    return [group for group in found if group.lines]


def visit(offer: Offer) -> list[Line]:
    """The phases of a session, with their minutes and what happens in each."""
    known = _phase_words()
    return [
        Line(
            _("%(phase)s, %(minutes)d minutes")
            % {"phase": said(phase.name), "minutes": phase.minutes},
            known.get(phase.name, ""),
        )
        for phase in offer.phases
    ]


def care(protocols: Iterable[Protocol], phase: str) -> list[Timed]:
    """The care before ("pre") or after ("post"), each piece once, by its time."""
    rows: dict[str, CareInstruction] = {}
    for protocol in protocols:
        for row in protocol.care_instructions.all():
            if row.phase == phase:
                rows.setdefault(row.code, row)
    timed: dict[str, list[str]] = {}
    for row in rows.values():
        timed.setdefault(wording.care_time(row), []).append(said(row.text))
    return [Timed(time, texts) for time, texts in timed.items()]


def effects(offer: Offer) -> list[Group]:
    """What the skin may do, from the usual to the very rare."""
    titles = {
        EffectKind.RECOVERY: _("What most people notice"),
        EffectKind.POSSIBLE: _("What some people notice"),
        EffectKind.RARE: _("Rarely"),
        EffectKind.VERY_RARE: _("Very rarely"),
    }
    found = (
        Group(title, [Line("", text) for text in offer.effects(kind)])
        for kind, title in titles.items()
    )
    return [group for group in found if group.lines]


def urgent(shown: Iterable[Offer]) -> list[str]:
    """What to call about at once, each sentence once."""
    return list(dict.fromkeys(t for o in shown for t in o.effects(EffectKind.URGENT)))


def questions(offer: Offer) -> list[Line]:
    """What people ask, with answers from the protocol's figures and facts."""
    return [Line(head, text) for head, text in _questions(offer) if text]


def _questions(offer: Offer) -> Iterator[tuple[str, str]]:
    facts = offer.facts
    yield _("How many sessions will I need?"), _how_many(offer)
    yield _("How long does it take?"), facts.get("duration", "")
    yield _("Does it hurt?"), facts.get("anaesthetic", "")
    yield _("When do I see a result?"), facts.get("results", "")
    yield _("What comes after the series?"), _afterwards(offer)
    yield _("Who gives the treatment?"), _who(offer)
    yield _("Is the device approved?"), facts.get("device-class", "")
    yield _("How large are the channels in the skin?"), facts.get("channels", "")
    yield _("How do you know when to stop?"), facts.get("endpoint", "")
    yield _("Could something else suit me better?"), facts.get("alternatives", "")


def _how_many(offer: Offer) -> str:
    parts = []
    if offer.sessions:
        parts.append(_("%(count)s for most people.") % {"count": offer.sessions})
    parts += [f"{one}." for one in offer.exceptions]
    parts.append(_("They lie %(gap)s apart.") % {"gap": offer.gap})
    parts.append(offer.facts.get("significant-concerns", ""))
    return " ".join(filter(None, parts))


def _afterwards(offer: Offer) -> str:
    said_so = _("To keep the result, most people come back %(often)s.")
    parts = [said_so % {"often": offer.upkeep}]
    if offer.protocol.single_session_may_do:
        parts.append(_("For some, a single session a year is enough."))
    return " ".join(parts)


def _who(offer: Offer) -> str:
    if not offer.protocol.needs_supervision:
        return _("One of our trained clinicians.")
    return _(
        "One of our trained clinicians, with a doctor in the building. Needling below "
        "the surface of the skin is a medical procedure."
    )


def _rule(rule: SuitabilityRule, offer: Offer) -> Line:
    return Line(said(rule.question_text), _consequence(rule, offer))


def _consequence(rule: SuitabilityRule, offer: Offer) -> str:
    if rule.kind == RuleKind.WAIT:
        return _("Then we start %(wait)s after that, at the earliest.") % {
            "wait": wording.wait(rule)
        }
    if rule.kind == RuleKind.DEFER:
        return _("Then we wait until that is over, and start after it.")
    if rule.kind == RuleKind.DECIDE:
        return _("Then tell us. A clinician looks at it with you before we book.")
    if rule.code not in offer.common:
        return _("Then not this treatment. Others stay open to you.")
    if rule.may_be_overridden:
        return _(
            "Then needling is usually not for you. A clinician will talk it over with "
            "you, and with good reason may decide otherwise."
        )
    return _("Then this treatment is not for you. We tell you what else may help.")


def _phase_words() -> dict[str, str]:
    return {
        "Numbing": _(
            "We clean your skin and put a numbing cream on it. You sit back and wait."
        ),
        "Blood draw and spin": _(
            "We draw a little blood from your arm and spin it, which parts off the "
            "plasma. The cream goes on working meanwhile."
        ),
        "Needling": _(
            "The needles pass over the area several times. You feel pressure and warmth."
        ),
    }
