"""Builders of rows. Their defaults are dull: what a test mentions is what matters."""

from itertools import count
from typing import Any

from treatments.models import Protocol, Treatment

_number = count(1)

FIGURES = {
    "gap_min_days": 42,
    "gap_max_days": 56,
    "ideal_gap_days": 49,
    "maintenance_min": 1,
    "maintenance_max": 3,
    "max_depth_mm": "2.0",
    "passes_min": 1,
    "passes_max": 20,
}

PARTS: dict[str, dict[str, Any]] = {
    "session_counts": {"minimum": 2, "usual": 3, "maximum": 3},
    "phases": {"name": "Needling", "minutes": 30, "roles": ["room"]},
    "roles": {"name": "room", "kind": "room", "skills": ["treatment"]},
    "care_instructions": {
        "code": "make-up",
        "phase": "post",
        "kind": "avoid",
        "text": "No make-up.",
        "starts": "hours",
        "starts_offset": 0,
        "ends": "hours",
        "ends_offset": 24,
    },
    "rules": {
        "code": "keloid",
        "kind": "exclude",
        "question": "keloid",
        "question_text": "Keloid?",
        "reason": "Keloid.",
    },
    "effects": {"code": "redness", "kind": "recovery", "text": "Pink skin."},
    "facts": {"code": "duration", "text": "Half an hour."},
}


def make_treatment(**fields: Any) -> Treatment:
    number = next(_number)
    defaults = {
        "code": f"treatment-{number}",
        "name": "Microneedling",
        "short_code": f"MN {number}",
        "shape": "circle",
    }
    return Treatment.objects.create(**defaults | fields)


def make_draft(**fields: Any) -> Protocol:
    """A protocol that nobody may follow yet, without rows."""
    treatment = fields.pop("treatment", None) or make_treatment()
    return Protocol.objects.create(
        treatment=treatment, **{"version": 1} | FIGURES | fields
    )


def make_part(protocol: Protocol, name: str, /, **fields: Any) -> Any:
    """A row of `protocol`, named as on it: phases, rules."""
    return getattr(protocol, name).create(**PARTS[name] | fields)
