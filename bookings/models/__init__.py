"""What happens to people: facts, each with its rules in the database."""

from bookings.models.access import AccessLog
from bookings.models.amendments import PlanAmendment
from bookings.models.appointments import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    SeriesBooking,
)
from bookings.models.claims import Claim, ClaimReason
from bookings.models.holds import HoldKind, HoldOutcome, SeriesHold
from bookings.models.messages import Channel, Message, MessageStatus
from bookings.models.outages import Outage, OutageKind
from bookings.models.overrides import OverriddenRule, RuleOverride
from bookings.models.patients import (
    AwayDates,
    Consent,
    ConsentKind,
    Patient,
    PatientFile,
    PatientMerge,
)
from bookings.models.plans import (
    DecisionKind,
    PlanArea,
    PlanDecision,
    PlanReview,
    PlanStatus,
    ReviewOutcome,
    TreatmentPlan,
)
from bookings.models.portal import (
    CareTick,
    CheckIn,
    CheckInMoment,
    HealingState,
    Recheck,
)
from bookings.models.records import Photo, Reaction, SessionRecord, TreatedArea
from bookings.models.requests import (
    ConsultationRequest,
    ProposedTime,
    RequestSource,
    RequestStatus,
)
from bookings.models.screening import AnswerValue, HealthAnswer
from bookings.models.tasks import Task, TaskKind
from bookings.models.waiting import OfferStatus, WaitingEntry, WaitingOffer

__all__ = [
    "AccessLog",
    "AnswerValue",
    "Appointment",
    "AppointmentKind",
    "AppointmentStatus",
    "AwayDates",
    "CareTick",
    "Channel",
    "CheckIn",
    "CheckInMoment",
    "Claim",
    "ClaimReason",
    "Consent",
    "ConsentKind",
    "ConsultationRequest",
    "DecisionKind",
    "HealingState",
    "HealthAnswer",
    "HoldKind",
    "HoldOutcome",
    "Message",
    "MessageStatus",
    "OfferStatus",
    "Outage",
    "OutageKind",
    "OverriddenRule",
    "Patient",
    "PatientFile",
    "PatientMerge",
    "Photo",
    "PlanAmendment",
    "PlanArea",
    "PlanDecision",
    "PlanReview",
    "PlanStatus",
    "ProposedTime",
    "Reaction",
    "Recheck",
    "RequestSource",
    "RequestStatus",
    "ReviewOutcome",
    "RuleOverride",
    "SeriesBooking",
    "SeriesHold",
    "SessionRecord",
    "Task",
    "TaskKind",
    "TreatedArea",
    "TreatmentPlan",
    "WaitingEntry",
    "WaitingOffer",
]
