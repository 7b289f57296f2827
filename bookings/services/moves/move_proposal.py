"""A proposed move as values: what every session, message and rule would come to."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bookings.models import Appointment, TreatmentPlan
from bookings.ribbon import Ribbon
from bookings.services.spacing import Breach

PRE_CARE = "pre-care"


@dataclass(frozen=True, slots=True)
class Place:
    """When and with whom: [starts_at, ends_at) in the location's zone.

    `roles` holds a resource's key for each role; `names` is who and what, to show.
    """

    starts_at: datetime
    ends_at: datetime
    roles: dict[str, int]
    names: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another place for a session that follows: picked, the rest is planned anew.

    `value` is what a form sends back; `gap` the days after the session before it.
    """

    value: str
    place: Place
    gap: int | None


@dataclass(frozen=True, slots=True)
class SessionChange:
    """One session of the series, before and after. Without `before` it had no time.

    `is_target` is the session that was asked to move; `why` says in a sentence why
    any other one changes, and is empty where nothing does.
    """

    number: int
    appointment: Appointment | None
    before: Place | None
    after: Place
    is_target: bool
    is_moved: bool
    is_exchanged: bool
    why: str
    gap: int | None
    alternatives: tuple[Alternative, ...] = ()

    @property
    def days(self) -> int:
        """Days by which it moves: below 0 it comes earlier."""
        if self.before is None:
            return 0
        return (self.after.starts_at.date() - self.before.starts_at.date()).days

    @property
    def days_apart(self) -> int:
        """Days by which it moves, either way."""
        return abs(self.days)

    @property
    def is_changed(self) -> bool:
        return self.is_moved or self.is_exchanged


@dataclass(frozen=True, slots=True)
class MessageChange:
    """A message of session `number`: due then, due now. None: there is or was none.

    `is_now` says that it leaves at once, its time having passed.
    """

    number: int
    rule: str
    name: str
    icon: str
    old_due: datetime | None
    new_due: datetime | None
    is_now: bool


@dataclass(slots=True)
class MoveProposal:
    """What accepting would do. Nothing is written yet.

    With a `refusal` there is nothing to accept; `breaches` are the spacing rules in
    the way, and permission with a reason helps where `may_be_allowed`.
    """

    plan: TreatmentPlan
    target: Appointment | None
    changes: list[SessionChange] = field(default_factory=list)
    messages: list[MessageChange] = field(default_factory=list)
    care: list[str] = field(default_factory=list)
    refusal: str = ""
    breaches: list[Breach] = field(default_factory=list)
    before: Ribbon | None = None
    after: Ribbon | None = None
    stands: dict[str, str] = field(default_factory=dict)

    @property
    def changed(self) -> list[SessionChange]:
        """The sessions that move or change hands, by number."""
        return [change for change in self.changes if change.is_changed]

    @property
    def follows(self) -> list[SessionChange]:
        """Those of them that nobody asked to move."""
        return [change for change in self.changed if not change.is_target]

    @property
    def due_now(self) -> list[MessageChange]:
        """Words about getting ready that are overdue for the new day and leave at once."""
        return [one for one in self.messages if one.is_now and one.rule == PRE_CARE]

    @property
    def may_be_allowed(self) -> bool:
        """Whether all that stands in the way are breaches that permission helps with."""
        allowable = all(one.may_be_allowed for one in self.breaches)
        return bool(self.breaches) and allowable and not self.refusal

    @property
    def can_be_accepted(self) -> bool:
        return bool(self.changed) and not self.refusal and not self.breaches

    @property
    def ribbons(self) -> list[Ribbon]:
        """Before and after, to share one ruler."""
        return [ribbon for ribbon in (self.before, self.after) if ribbon]

    def sealed(self) -> dict[str, Any]:
        """Plain values, for the way through the browser (signed) and back."""
        return {
            "plan": self.plan.pk,
            "stands": self.stands,
            "sessions": [
                {
                    "number": change.number,
                    "start": change.after.starts_at.isoformat(),
                    "end": change.after.ends_at.isoformat(),
                    "roles": change.after.roles,
                }
                for change in self.changed
            ],
        }
