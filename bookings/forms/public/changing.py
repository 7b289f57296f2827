"""A request that is changed later: steps 1 and 4 in one form, without the consents."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from django.db.models import Model

from bookings.forms.public.when import ANYWHERE, WhenForm, days
from bookings.forms.public.why import WhyForm
from bookings.models import ConsultationRequest
from bookings.services import told

DATES = ("in_town_from", "in_town_until")
PARTS = ("_day", "_month", "_year")


@dataclass(frozen=True)
class ChangeForms:
    """What brings you, and when and where, side by side."""

    why: WhyForm
    when: WhenForm

    @classmethod
    def of(cls, row: ConsultationRequest, today: date) -> Self:
        """Filled with what the request says now."""
        forms = cls.typed(_as_typed(row), today)
        for form in (forms.why, forms.when):
            form.tells = False
        return forms

    @classmethod
    def typed(cls, said: dict[str, list[str]], today: date) -> Self:
        """Filled with what was typed, faults and all."""
        plain = {n: [v.replace("\0", "") for v in values] for n, values in said.items()}
        forms = cls(WhyForm(plain), WhenForm(plain, today=today))
        for form in (forms.why, forms.when):
            form.tells = True
        return forms

    def are_valid(self) -> bool:
        """Whether both are right; both are judged."""
        return all([self.why.is_valid(), self.when.is_valid()])

    def faults(self) -> list[tuple[str, str, str]]:
        """The faults of both, in the order of the page."""
        return [*self.why.faults(), *self.when.faults()]

    def wishes(self) -> dict[str, Any]:
        """What is wished now, as fields of the request."""
        return {**self.why.wishes(), **self.when.wishes()}


def stay_of(row: ConsultationRequest) -> dict[str, str]:
    """What the page tells of days and hours, in words."""
    names = dict(days())
    weekdays = [str(names[day]) for day in sorted(row.weekdays) if day in names]
    hours = [told.hour(at) for at in (row.arrive_from, row.arrive_until) if at]
    return {"weekdays": ", ".join(weekdays), "hours": " – ".join(hours)}


def _as_typed(row: ConsultationRequest) -> dict[str, list[str]]:
    """The request as if it had just been typed."""
    said = {
        "concerns": [one.code for one in row.concerns.all()],
        "areas": [one.code for one in row.areas.all()],
        "treatment": [row.treatment.code if row.treatment else ""],
        "words": [row.words],
        "location": [row.location.slug if row.location else ANYWHERE],
        "weekdays": [str(day) for day in row.weekdays],
        "arrive_from": [row.arrive_from.isoformat() if row.arrive_from else ""],
        "arrive_until": [row.arrive_until.isoformat() if row.arrive_until else ""],
        "doctor": _key(row.doctor),
        "travels": ["on"] if row.comes_from else [],
        "comes_from": [row.comes_from],
        "timezone": [row.patient.timezone],
    }
    for name in DATES:
        day: date | None = getattr(row, name)
        parts = (day.day, day.month, day.year) if day else ("", "", "")
        for part, value in zip(PARTS, parts, strict=True):
            said[name + part] = [str(value)]
    return said


def _key(row: Model | None) -> list[str]:
    return [str(row.pk)] if row else [""]
