"""The clinic's own facts."""

from clinic.models.accounts import User
from clinic.models.hours import Closure, ClosureKind, WeeklyHours
from clinic.models.places import (
    Device,
    DeviceKind,
    Location,
    Practitioner,
    Resource,
    ResourceKind,
    Room,
)

__all__ = [
    "Closure",
    "ClosureKind",
    "Device",
    "DeviceKind",
    "Location",
    "Practitioner",
    "Resource",
    "ResourceKind",
    "Room",
    "User",
    "WeeklyHours",
]
