"""Taking resources: one sorted statement that skips conflicts, and a count.

A lost race therefore ends in words, never in a deadlock (DECISIONS.md, "Claims").
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol as Shape

from django.db import connections, router
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    Appointment,
    Claim,
    ClaimReason,
    TreatmentPlan,
    WaitingOffer,
)
from bookings.services import shapes
from bookings.services.inserting import insert
from bookings.services.refusals import BookingRefused
from clinic.models import Resource


class Placed(Shape):
    """A session with a start, and who fills each role."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def roles(self) -> Mapping[str, int]: ...


def take(claims: Collection[Claim]) -> None:
    """Insert every claim, or refuse with the first one that somebody else has.

    Call it inside the transaction that books: the refusal has to undo all of it.
    """
    wanted = sorted(claims, key=lambda claim: claim.sort_key)
    got = set(insert(wanted, *_IDENTITY, skip_conflicts=True))
    for claim in wanted:
        if tuple(getattr(claim, name) for name in _IDENTITY) not in got:
            raise _lost(claim)


_IDENTITY = ("appointment_id", "offer_id", "resource_id", "during")


def judge_free(needs: Iterable[tuple[int, DateTimeTZRange]]) -> None:
    """Refuse where a visit has any of these resources at these times already.

    It spares a race its losers' other questions; what counts is still the constraint.
    Who is absent is found by the hours, in words of their own.
    """
    rows = list(needs)
    with connections[router.db_for_read(Claim)].cursor() as cursor:
        cursor.execute(
            _TAKEN, [[who for who, _when in rows], [when for _who, when in rows]]
        )
        if lost := cursor.fetchone():
            raise _lost(Claim(resource_id=lost[0], during=lost[1]))


_TAKEN = """
    SELECT wanted.resource_id, wanted.during
    FROM unnest(%s::bigint[], %s::tstzrange[]) AS wanted (resource_id, during)
    WHERE EXISTS (
        SELECT FROM bookings_claim AS claim
        WHERE claim.resource_id = wanted.resource_id
          AND claim.during && wanted.during
          AND claim.why <> 'absence'
    )
    ORDER BY lower(wanted.during), wanted.resource_id
    LIMIT 1
"""


def for_appointment(
    appointment: Appointment, plan: TreatmentPlan, roles: Mapping[str, int]
) -> list[Claim]:
    """The claims of one session: each role over the phases that use it, joined.

    Between two phases that use it a resource stays free for others. A shared role
    (a supervising doctor on the premises) claims nothing.
    """
    return [
        Claim(
            resource_id=resource,
            during=during,
            why=ClaimReason.APPOINTMENT,
            appointment=appointment,
            role=role,
        )
        for role, resource, during in needs(plan, roles, appointment.starts_at)
    ]


def for_offer(
    offer: WaitingOffer, plan: TreatmentPlan, roles: Mapping[str, int]
) -> list[Claim]:
    """The same claims as holds of a time that is offered, until the offer runs out."""
    return [
        Claim(
            resource_id=resource,
            during=during,
            why=ClaimReason.HOLD,
            offer=offer,
            role=role,
            expires_at=offer.expires_at,
        )
        for role, resource, during in needs(plan, roles, offer.starts_at)
    ]


def needs(
    plan: TreatmentPlan, roles: Mapping[str, int], start: datetime
) -> list[tuple[str, int, DateTimeTZRange]]:
    """Role, resource and time of each claim of a session that starts at `start`."""
    shared = {role.name for role in shapes.roles_of(plan) if role.shared}
    return [
        (role, resource, DateTimeTZRange(opens, closes))
        for role, resource in roles.items()
        if role not in shared
        for opens, closes in blocks(role, plan, start)
    ]


def wanted(
    plan: TreatmentPlan, sessions: Iterable[Placed]
) -> list[tuple[int, DateTimeTZRange]]:
    """Resource and time of all that the sessions of `plan` would claim."""
    return [
        (resource, during)
        for one in sessions
        for _role, resource, during in needs(plan, one.roles, one.starts_at)
    ]


def blocks(
    role: str, plan: TreatmentPlan, start: datetime
) -> Iterable[tuple[datetime, datetime]]:
    """Stretches of time in which consecutive phases use `role`."""
    blocks: list[tuple[datetime, datetime]] = []
    start = start.astimezone(UTC)  # elapsed minutes, whatever clocks there do
    for phase in shapes.phases_of(plan):
        end = start + timedelta(minutes=phase.minutes)
        if role in phase.roles:
            if blocks and blocks[-1][1] == start:
                blocks[-1] = (blocks[-1][0], end)
            else:
                blocks.append((start, end))
        start = end
    return blocks


def _lost(claim: Claim) -> BookingRefused:
    resource = Resource.objects.select_related("location").get(pk=claim.resource_id)
    when = claim.during.lower.astimezone(resource.location.zone)
    return BookingRefused(
        _(
            "Somebody has just booked %(who)s on %(day)s at %(time)s. "
            "Nothing was booked; here are the next dates that fit."
        )
        % {
            "who": resource.name,
            "day": date_format(when, "D j M"),
            "time": date_format(when, "H:i"),
        }
    )
