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
from bookings.models.outcomes import (
    WORST_SCORE,
    OutcomeDecision,
    OutcomeReview,
    OutcomeScore,
    ScoreMoment,
)
from bookings.models.overrides import OverriddenRule, RuleOverride
from bookings.models.patients import (
    AwayDates,
    Consent,
    ConsentKind,
    Patient,
    PatientFile,
    PatientMerge,
)
from bookings.models.photos import Photo, PhotoAngle, PhotoMoment
from bookings.models.plan_versions import PlanTemplate, PlanVersion
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
from bookings.models.reactions import (
    Reaction,
    ReactionNote,
    ReactionSource,
    Severity,
)
from bookings.models.records import (
    Endpoint,
    RecordCosign,
    RecordDraft,
    SessionRecord,
    TreatedArea,
    UsedProduct,
)
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
    "WORST_SCORE",
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
    "Endpoint",
    "HealingState",
    "HealthAnswer",
    "HoldKind",
    "HoldOutcome",
    "Message",
    "MessageStatus",
    "OfferStatus",
    "Outage",
    "OutageKind",
    "OutcomeDecision",
    "OutcomeReview",
    "OutcomeScore",
    "OverriddenRule",
    "Patient",
    "PatientFile",
    "PatientMerge",
    "Photo",
    "PhotoAngle",
    "PhotoMoment",
    "PlanAmendment",
    "PlanArea",
    "PlanDecision",
    "PlanReview",
    "PlanStatus",
    "PlanTemplate",
    "PlanVersion",
    "ProposedTime",
    "Reaction",
    "ReactionNote",
    "ReactionSource",
    "Recheck",
    "RecordCosign",
    "RecordDraft",
    "RequestSource",
    "RequestStatus",
    "ReviewOutcome",
    "RuleOverride",
    "ScoreMoment",
    "SeriesBooking",
    "SeriesHold",
    "SessionRecord",
    "Severity",
    "Task",
    "TaskKind",
    "TreatedArea",
    "TreatmentPlan",
    "UsedProduct",
    "WaitingEntry",
    "WaitingOffer",
]
