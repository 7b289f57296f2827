"""Second signatures under the demo's session records, and one record put right."""

from datetime import timedelta

from bookings.models import RecordCosign, SessionRecord, TreatedArea
from bookings.services.demo.world import World
from bookings.services.recording import cosigning
from clinic.models import User

AFTER = timedelta(minutes=50)
STILL_OPEN = 2  # the newest ones wait for the doctor
WHY = "The kit’s volume was read off the wrong line."
AMENDED = ("supervisor_id", "anaesthetic", "endpoint", "rf_energy", "prp_lot", "note")


def write(world: World) -> None:
    """Co-sign all but the newest records of who may not supervise; amend one."""
    _amend(world)
    rows = SessionRecord.objects.current().filter(needs_cosignature=True)
    rows = rows.select_related(
        "signed_by",
        "supervisor__user",
        "appointment__patient",
        "appointment__location",
        "appointment__plan",
    )
    waiting = list(rows.order_by("-signed_at", "-pk"))
    for record in waiting[:STILL_OPEN]:
        cosigning.ask(record, actor=record.signed_by, now=record.signed_at)
    RecordCosign.objects.bulk_create(
        RecordCosign(record=record, by=by, at=record.signed_at + AFTER)
        for record in waiting[STILL_OPEN:]
        if (by := _doctor(record))
    )


def _doctor(record: SessionRecord) -> User | None:
    return record.supervisor.user if record.supervisor else None


def _amend(world: World) -> None:
    """The newest record with plasma gets another version, signed the same evening."""
    rows = SessionRecord.objects.exclude(prp_lot="").order_by("-signed_at", "-pk")
    first = rows.filter(signed_at__lt=world.midnight - timedelta(days=6)).first()
    if first is None:
        return
    second = SessionRecord.objects.create(
        **{name: getattr(first, name) for name in AMENDED},
        appointment_id=first.appointment_id,
        version=2,
        replaces=first,
        why_amended=WHY,
        device_id=first.device_id,
        started_at=first.started_at,
        ended_at=first.ended_at,
        prp_volume_ml="3.5",
        needs_cosignature=first.needs_cosignature,
        signed_by_id=first.signed_by_id,
        signed_at=first.signed_at + AFTER,
    )
    areas = list(first.areas.all())
    for area in areas:
        area.pk, area.record = None, second
    TreatedArea.objects.bulk_create(areas)
