"""The treatments as the public site shows them, from their current protocols."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from django.utils.translation import gettext as _

from bookings.ribbon import Ribbon
from bookings.services.site import ribbons, wording
from clinic.words import said
from treatments.models import (
    Concern,
    EffectKind,
    Protocol,
    ProtocolPhase,
    RuleKind,
    SuitabilityRule,
    Treatment,
)

NEVER_SHOWN = "recorded"  # facts for the record of a session, not for patients


@dataclass(frozen=True)
class Offer:
    """One treatment with its current protocol; texts are in the language spoken."""

    protocol: Protocol
    common: frozenset[str]  # the rules that every treatment has, by code
    concern: str = ""  # the one concern it is looked at for, by code

    @property
    def treatment(self) -> Treatment:
        """What is offered."""
        return self.protocol.treatment

    @property
    def code(self) -> str:
        """Its name in addresses."""
        return self.treatment.code

    @property
    def name(self) -> str:
        """Its name for people."""
        return said(self.treatment.name)

    @property
    def summary(self) -> str:
        """What it is, in a sentence or two."""
        return said(self.treatment.summary)

    @property
    def sessions(self) -> str:
        """How many sessions most people need, or that the concern takes."""
        return wording.sessions_for(self.protocol, self.concern)

    @property
    def exceptions(self) -> list[str]:
        """The concerns that take more or fewer, unless one is looked at."""
        return [] if self.concern else wording.exceptions(self.protocol)

    @property
    def gap(self) -> str:
        """How far sessions lie apart."""
        return wording.gap(self.protocol)

    @property
    def upkeep(self) -> str:
        """How often people come back after a series."""
        return wording.upkeep(self.protocol)

    @cached_property
    def series(self) -> Ribbon:
        """A typical series, without anybody's dates."""
        return ribbons.typical(self.protocol, holiday=False)

    @cached_property
    def phases(self) -> list[ProtocolPhase]:
        """What happens in a session while the patient is there."""
        return wording.with_patient(self.protocol)

    @property
    def length(self) -> str:
        """How long a visit takes."""
        about = wording.length(self.phases)
        if any("centrifuge" in phase.roles for phase in self.phases):
            return _("%(about)s, with a small blood draw") % {"about": about}
        return about

    @cached_property
    def facts(self) -> dict[str, str]:
        """Things to know, by code."""
        return {
            fact.code: said(fact.text)
            for fact in self.protocol.facts.all()
            if not fact.code.startswith(NEVER_SHOWN)
        }

    @cached_property
    def own_rules(self) -> list[SuitabilityRule]:
        """The rules that not every treatment has."""
        return [r for r in self.protocol.rules.all() if r.code not in self.common]

    @property
    def cautions(self) -> list[str]:
        """In the fewest words, what sets its own rules apart."""
        short = {
            "blood-thinner": _("A doctor checks any blood thinner."),
            "rf-implant": _("Not with a pacemaker."),
        }
        return [short[r.code] for r in self.own_rules if r.code in short]

    def effects(self, kind: EffectKind) -> list[str]:
        """What the skin may do, of one kind."""
        rows = self.protocol.effects.all()
        return [said(row.text) for row in rows if row.kind == kind]

    def rules(self, *kinds: RuleKind) -> list[SuitabilityRule]:
        """The rules of these kinds, in order."""
        return [row for row in self.protocol.rules.all() if row.kind in kinds]


def offers() -> list[Offer]:
    """Every treatment on offer in the catalogue's order; a fixed number of queries."""
    protocols = list(
        Protocol.objects.current()
        .with_contents()
        .prefetch_related(
            "treatment__concerns", "treatment__areas", "treatment__modalities"
        )
        .order_by("treatment__position")
    )
    common = _common(protocols)
    return [Offer(protocol, common) for protocol in protocols]


def concerns(shown: Iterable[Offer]) -> list[Concern]:
    """What the treatments shown are for, each concern once, in the catalogue's order."""
    found = {c.pk: c for offer in shown for c in offer.treatment.concerns.all()}
    return sorted(found.values(), key=lambda concern: (concern.position, concern.name))


def suited(shown: Iterable[Offer], concern: str) -> list[Offer]:
    """Those that treat the concern with this code, as they are given for it."""
    return [
        replace(offer, concern=concern)
        for offer in shown
        if any(one.code == concern for one in offer.treatment.concerns.all())
    ]


def _common(protocols: Collection[Protocol]) -> frozenset[str]:
    codes = [{rule.code for rule in one.rules.all()} for one in protocols]
    return frozenset.intersection(*map(frozenset, codes)) if codes else frozenset()
