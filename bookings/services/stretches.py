"""Busy time as few stretches: joined and turned into minutes in the database.

Back-to-back claims make one stretch, so that a full day costs as little as an empty
one to carry over and to read.
"""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db.models import Aggregate, BigIntegerField, OuterRef, Subquery
from psycopg2.extras import DateTimeTZRange

from bookings.models import Claim
from bookings.models.appointments import AppointmentQuerySet


class _Union(Aggregate):
    """Ranges joined to one multirange."""

    function = "range_agg"
    output_field = DateTimeRangeField()


class _Minutes(Subquery):
    """The one multirange of a subquery as pairs of minutes since 1970, in UTC.

    A busy part-minute is busy. Without any range there is no array either.
    """

    template = (
        "(SELECT array_agg(ARRAY["
        "floor(date_part('epoch', lower(stretch)) / 60)::bigint, "
        "ceil(date_part('epoch', upper(stretch)) / 60)::bigint] ORDER BY stretch)"
        " FROM (SELECT unnest((%(subquery)s)) AS stretch) AS stretches)"
    )
    output_field = ArrayField(ArrayField(BigIntegerField()))


def busy(
    within: DateTimeTZRange,
    *,
    now: datetime,
    without: AppointmentQuerySet | None = None,
) -> Subquery:
    """What is taken of a resource by claims that touch `within`, as at `now`.

    For a query of resources: a list of [start, end) in minutes since 1970 in UTC, in
    order and apart, or None. Holds that have run out do not count, nor do the claims
    of the appointments in `without`.
    """
    counted = Claim.objects.standing(now)
    if without is not None:
        counted = counted.exclude(appointment__in=without.values("pk"))
    claims = (
        counted.filter(resource=OuterRef("pk"), during__overlap=within)
        .order_by()
        .values("resource")
        .annotate(taken=_Union("during"))
        .values("taken")
    )
    return _Minutes(claims)
