"""What the clinic offers, as rows."""

from treatments.models.care import (
    CareInstruction,
    InstructionEdge,
    InstructionKind,
    InstructionPhase,
)
from treatments.models.notes import EffectKind, ProtocolEffect, ProtocolFact
from treatments.models.parts import ProtocolPart
from treatments.models.protocols import DEPTH_LIMIT_MM, Protocol, TargetLayer
from treatments.models.rules import (
    AnswerKind,
    AskAgain,
    RuleKind,
    SuitabilityRule,
    WaitUnit,
)
from treatments.models.sessions import ProtocolPhase, ProtocolRole, SessionCount
from treatments.models.sources import Source
from treatments.models.treatments import Shape, Treatment
from treatments.models.words import BodyArea, Concern, Modality

__all__ = [
    "DEPTH_LIMIT_MM",
    "AnswerKind",
    "AskAgain",
    "BodyArea",
    "CareInstruction",
    "Concern",
    "EffectKind",
    "InstructionEdge",
    "InstructionKind",
    "InstructionPhase",
    "Modality",
    "Protocol",
    "ProtocolEffect",
    "ProtocolFact",
    "ProtocolPart",
    "ProtocolPhase",
    "ProtocolRole",
    "RuleKind",
    "SessionCount",
    "Shape",
    "Source",
    "SuitabilityRule",
    "TargetLayer",
    "Treatment",
    "WaitUnit",
]
