"""Builders of rows. Their defaults are dull: what a test mentions is what matters."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth.models import Group
from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    AnswerValue,
    Appointment,
    AppointmentKind,
    ConsultationRequest,
    HealthAnswer,
    Outage,
    OutageKind,
    Patient,
    PatientFile,
    PlanStatus,
    Task,
    TaskKind,
    TreatmentPlan,
)
from clinic import roles
from clinic.models import (
    Device,
    DeviceKind,
    Location,
    Practitioner,
    Resource,
    Room,
    User,
    WeeklyHours,
)
from treatments.models import (
    BodyArea,
    CareInstruction,
    Concern,
    Protocol,
    ProtocolPhase,
    ProtocolRole,
    SessionCount,
    SuitabilityRule,
    Treatment,
)

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Ottawa
TODAY = date(2026, 11, 24)

_number = count(1)


# --- The clinic ---------------------------------------------------------------------


def make_location(**fields: Any) -> Location:
    defaults = {
        "name": "Centretown",
        "slug": f"place-{next(_number)}",
        "address": "1 Elgin Street",
        "city": "Ottawa",
        "phone": "613-555-0100",
    }
    return Location.objects.create(**defaults | fields)


def make_user(role: str = "", **fields: Any) -> User:
    """An account with the permissions of `role`; of none where it is empty."""
    defaults = {
        "email": f"person{next(_number)}@example.org",
        "first_name": "Robin",
        "last_name": "Roy",
    }
    user = User.objects.create_user(password="a fine password", **defaults | fields)
    if role:
        roles.load_roles()
        user.groups.add(Group.objects.get(name=role))
    return user


def make_practitioner(location: Location | None = None, **fields: Any) -> Practitioner:
    defaults = {"name": "Dr Okafor", "skills": ["needling", "consult"]}
    return _make_resource(Practitioner, location, defaults | fields)


def make_doctor(location: Location | None = None, **fields: Any) -> Practitioner:
    defaults = {"skills": ["needling", "rf", "prp", "consult", "doctor"]}
    return make_practitioner(location, **{"may_supervise": True} | defaults | fields)


def make_room(location: Location | None = None, **fields: Any) -> Room:
    defaults = {"name": "Room 1", "skills": ["treatment", "consult"]}
    return _make_resource(Room, location, defaults | fields)


def make_device(location: Location | None = None, **fields: Any) -> Device:
    defaults = {
        "name": "Pen 1",
        "skills": ["needling"],
        "device_kind": DeviceKind.PEN,
        "health_canada_class": 2,
        "licence_number": "100001",
        "licence_expires_on": date(2030, 12, 31),
        "in_service_from": date(2020, 1, 1),
    }
    return _make_resource(Device, location, defaults | fields)


def make_hours(resource: Resource, **fields: Any) -> list[WeeklyHours]:
    """Monday to Friday, 8 to 18, local time."""
    defaults = {"opens": time(8), "closes": time(18)}
    return [
        WeeklyHours.objects.create(
            resource_id=resource.pk, weekday=weekday, **defaults | fields
        )
        for weekday in range(5)
    ]


def make_place_with_people() -> Location:
    """A location where one microneedling session after another can be given."""
    location = make_location()
    for make in (make_doctor, make_room, make_device):
        make_hours(make(location))
    return location


def _make_resource(model: Any, location: Location | None, fields: Any) -> Any:
    code = {"code": f"thing-{next(_number)}"}
    place = {"location": location or make_location()}
    return model.objects.create(**place | code | fields)


# --- What it offers -----------------------------------------------------------------


def make_treatment(**fields: Any) -> Treatment:
    number = next(_number)
    defaults = {
        "code": f"microneedling-{number}",
        "name": "Medical microneedling",
        "short_code": f"MN {number}",
        "shape": "circle",
    }
    return Treatment.objects.create(**defaults | fields)


def make_concern(**fields: Any) -> Concern:
    defaults = {"code": f"concern-{next(_number)}", "name": "Fine lines"}
    return Concern.objects.create(**defaults | fields)


def make_area(**fields: Any) -> BodyArea:
    defaults = {"code": f"area-{next(_number)}", "name": "Face"}
    return BodyArea.objects.create(**defaults | fields)


ISOTRETINOIN = {
    "code": "isotretinoin",
    "question": "isotretinoin",
    "question_text": "Have you taken isotretinoin?",
    "kind": "wait",
    "answer_kind": "yes-no-date",
    "date_text": "When was your last capsule?",
    "wait_amount": 3,
    "wait_unit": "months",
    "reason": "Isotretinoin until {date}: not before {until}.",
}
COLD_SORES = {
    "code": "cold-sores",
    "question": "cold-sores",
    "question_text": "Do you ever get cold sores?",
    "kind": "decide",
    "reason": "Allowed once the antiviral decision is recorded.",
}
KELOID = {
    "code": "keloid",
    "question": "keloid",
    "question_text": "Have you ever had raised scars?",
    "kind": "exclude",
    "may_be_overridden": True,
    "reason": "Raised scars: not suitable.",
}
PREGNANCY = {
    "code": "pregnancy",
    "question": "pregnancy",
    "question_text": "Are you pregnant or breastfeeding?",
    "kind": "defer",
    "ask_again": "before-booking",
    "reason": "Not while pregnant or breastfeeding.",
}
RULES = (ISOTRETINOIN, COLD_SORES, KELOID, PREGNANCY)


def make_protocol(
    *,
    rules: Iterable[dict[str, Any]] = RULES,
    counts: Iterable[tuple[Concern | None, int]] = ((None, 3),),
    care: Iterable[dict[str, Any]] = (),
    **fields: Any,
) -> Protocol:
    """A published protocol: numbing 30, needling 30, turnover 10 minutes.

    `counts` are usual numbers of sessions by concern; no concern means any other.
    """
    protocol = draft_protocol(**fields)
    for model, source, rows in (
        (SuitabilityRule, "S2", rules),
        (CareInstruction, "S0", care),
        (SessionCount, "S2", (_count(*pair) for pair in counts)),
    ):
        for position, row in enumerate(rows, start=1):
            facts = {"source": source, "position": position} | row
            model.objects.create(protocol=protocol, **facts)
    protocol.published_at = NOW - timedelta(days=100)
    protocol.save(update_fields=["published_at"])
    return protocol


def draft_protocol(**fields: Any) -> Protocol:
    """A protocol with its phases and roles that is not published yet."""
    treatment = fields.pop("treatment", None) or make_treatment()
    defaults = {
        "version": treatment.protocols.count() + 1,
        "gap_min_days": 42,
        "gap_max_days": 56,
        "ideal_gap_days": 49,
        "maintenance_min": 1,
        "maintenance_max": 3,
        "max_depth_mm": Decimal("2.0"),
        "passes_min": 1,
        "passes_max": 20,
        "target_layer": "epidermis",
        "needs_supervision": False,
    }
    protocol = Protocol.objects.create(treatment=treatment, **defaults | fields)
    _add_parts(protocol)
    return protocol


def _count(concern: Concern | None, usual: int) -> dict[str, Any]:
    return {"concern": concern, "minimum": 1, "usual": usual}


def _add_parts(protocol: Protocol) -> None:
    phases = [
        ("numbing", 30, ["room"]),
        ("needling", 30, ["operator", "room", "device"]),
        ("turnover", 10, ["room", "device"]),
    ]
    for position, (name, minutes, used) in enumerate(phases, start=1):
        ProtocolPhase.objects.create(
            protocol=protocol,
            position=position,
            name=name,
            minutes=minutes,
            roles=used,
            source="S1",
        )
    needs = [
        ("operator", "practitioner", ["needling"]),
        ("room", "room", ["treatment"]),
        ("device", "device", ["needling"]),
    ]
    for name, kind, skills in needs:
        ProtocolRole.objects.create(
            protocol=protocol, name=name, kind=kind, skills=skills, source="S1"
        )


# --- What happens to people ---------------------------------------------------------


def make_patient(**fields: Any) -> Patient:
    defaults = {
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email": "ada@example.org",
        "birth_date": date(1992, 5, 4),
    }
    return Patient.objects.create(**defaults | fields)


def make_file(**fields: Any) -> PatientFile:
    """A file of a record, as a row and no more."""
    defaults = {
        "name": "letter.pdf",
        "kind": "application/pdf",
        "size": 9,
        "file": "patient-files/letter.pdf",
        "added_at": NOW,
    }
    fields["patient"] = fields.get("patient") or make_patient()
    fields["added_by"] = fields.get("added_by") or make_user()
    return PatientFile.objects.create(**defaults | fields)


def make_plan(
    *,
    areas: Sequence[BodyArea] = (),
    concerns: Sequence[Concern] = (),
    **fields: Any,
) -> TreatmentPlan:
    """A plan for three sessions on one area, drafted a week ago."""
    defaults = {
        "session_count": 3,
        "status": PlanStatus.DRAFT,
        "drafted_at": NOW - timedelta(days=7),
    }
    for name, make in (
        ("patient", make_patient),
        ("protocol", make_protocol),
        ("location", make_location),
        ("drafted_by", make_user),
    ):
        fields[name] = fields.get(name) or make()
    plan = TreatmentPlan.objects.create(**defaults | fields)
    plan.concerns.set(concerns or [make_concern()])
    for area in areas or [make_area()]:
        plan.areas.create(area=area)
    return plan


def make_answers(
    plan: TreatmentPlan,
    *,
    on_date: date | None = None,
    answered_at: datetime = NOW - timedelta(days=7),
    **said: str,
) -> list[HealthAnswer]:
    """An answer to each question of the plan's protocol: no, unless `said`."""
    values = {name.replace("_", "-"): value for name, value in said.items()}
    rules = dict(plan.protocol.rules.values_list("question", "date_text"))
    return [
        make_answer(
            patient=plan.patient,
            question=question,
            value=value,
            on_date=on_date if value == AnswerValue.YES and rules[question] else None,
            answered_at=answered_at,
        )
        for question, value in (dict.fromkeys(rules, AnswerValue.NO) | values).items()
    ]


def make_answer(**fields: Any) -> HealthAnswer:
    defaults = {
        "question": "isotretinoin",
        "value": AnswerValue.NO,
        "answered_at": NOW - timedelta(days=7),
    }
    fields["patient"] = fields.get("patient") or make_patient()
    return HealthAnswer.objects.create(**defaults | fields)


def make_appointment(
    *,
    starts_at: datetime = NOW + timedelta(days=14),
    minutes: int = 70,
    **fields: Any,
) -> Appointment:
    """A session where it has a plan, else a consultation."""
    plan = fields.get("plan")
    is_session = plan is not None
    defaults = {
        "kind": AppointmentKind.SESSION if is_session else AppointmentKind.CONSULTATION,
        "number": 1 if is_session else None,
        "during": DateTimeTZRange(starts_at, starts_at + timedelta(minutes=minutes)),
    }
    fields["patient"] = (
        fields.get("patient") or (plan.patient if plan else None) or make_patient()
    )
    fields["location"] = (
        fields.get("location") or (plan.location if plan else None) or make_location()
    )
    return Appointment.objects.create(**defaults | fields)


def make_outage(**fields: Any) -> Outage:
    """A device out of service all week, as a row and no more."""
    fields["resource"] = fields.get("resource") or make_device()
    fields["declared_by"] = fields.get("declared_by") or make_user()
    defaults = {
        "during": DateTimeTZRange(NOW, NOW + timedelta(days=7)),
        "kind": OutageKind.OUT_OF_SERVICE,
        "reason": "Broken",
        "declared_at": NOW,
    }
    return Outage.objects.create(**defaults | fields)


def make_task(**fields: Any) -> Task:
    """Something to do by hand."""
    number = next(_number)
    defaults = {
        "kind": TaskKind.CALL,
        "key": f"call:{number}",
        "words": "Call Ada about her session.",
        "opened_at": NOW,
    }
    return Task.objects.create(**defaults | fields)


def make_request(**fields: Any) -> ConsultationRequest:
    """Somebody who asked for a consultation two days ago; nobody has answered."""
    defaults = {
        "words": "I would like to know what could help my scars.",
        "asked_at": NOW - timedelta(days=2),
    }
    fields["patient"] = fields.get("patient") or make_patient()
    return ConsultationRequest.objects.create(**defaults | fields)
