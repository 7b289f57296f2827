"""Lots used lately at a location: offered again, so that nobody types them twice."""

from datetime import datetime, timedelta

from django.db.models import Max

from bookings.models import SessionRecord, UsedProduct
from bookings.services.recording.values import Used
from clinic.models import Location

LATELY = timedelta(days=90)
OFFERED = 6
KITS = 3


def kits(location: Location, *, now: datetime) -> list[str]:
    """The lots of PRP kits used there lately, the last one first."""
    rows = SessionRecord.objects.filter(
        appointment__location=location, ended_at__gte=now - LATELY
    ).exclude(prp_lot="")
    lots = rows.order_by().values("prp_lot").annotate(last=Max("ended_at"))
    return [row["prp_lot"] for row in lots.order_by("-last", "prp_lot")[:KITS]]


def products(location: Location, *, now: datetime) -> list[Used]:
    """Products used there lately, each with its last lot; the most recent first."""
    rows = UsedProduct.objects.filter(
        record__appointment__location=location, record__ended_at__gte=now - LATELY
    )
    seen = rows.order_by().values("name", "lot").annotate(last=Max("record__ended_at"))
    newest: dict[str, Used] = {}
    for row in seen.order_by("-last", "name", "lot"):
        newest.setdefault(row["name"], Used(row["name"], row["lot"]))
    return list(newest.values())[:OFFERED]
