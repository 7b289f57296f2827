"""What happens to people: facts, each with its rules in the database."""

from bookings.models.access import AccessLog
from bookings.models.appointments import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    SeriesBooking,
)
from bookings.models.claims import Claim, ClaimReason
from bookings.models.messages import Channel, Message, MessageStatus
from bookings.models.patients import AwayDates, Consent, ConsentKind, Patient
from bookings.models.plans import (
    DecisionKind,
    PlanArea,
    PlanDecision,
    PlanReview,
    PlanStatus,
    ReviewOutcome,
    TreatmentPlan,
)
from bookings.models.records import Photo, Reaction, SessionRecord, TreatedArea
from bookings.models.requests import ConsultationRequest, RequestStatus, WaitingEntry
from bookings.models.screening import AnswerValue, HealthAnswer

__all__ = [
    "AccessLog",
    "AnswerValue",
    "Appointment",
    "AppointmentKind",
    "AppointmentStatus",
    "AwayDates",
    "Channel",
    "Claim",
    "ClaimReason",
    "Consent",
    "ConsentKind",
    "ConsultationRequest",
    "DecisionKind",
    "HealthAnswer",
    "Message",
    "MessageStatus",
    "Patient",
    "Photo",
    "PlanArea",
    "PlanDecision",
    "PlanReview",
    "PlanStatus",
    "Reaction",
    "RequestStatus",
    "ReviewOutcome",
    "SeriesBooking",
    "SessionRecord",
    "TreatedArea",
    "TreatmentPlan",
    "WaitingEntry",
]
