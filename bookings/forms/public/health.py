"""Step 3: your health, in as few questions as what was chosen needs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.forms.public.fields import PublicForm
from bookings.forms.screening import DayField
from bookings.models import AnswerValue
from bookings.services.enquiries.questions import HINTS, Card
from bookings.services.screening import Given
from clinic.words import said
from treatments.suitability import Question

OLDEST = 1900


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as drawn: its words, its fields, and what its answer means."""

    code: str
    text: str
    hint: str
    value: forms.BoundField
    on_date: forms.BoundField | None
    card: Card | None


class HealthForm(PublicForm):
    """The questions that matter. `today` is the clinic's local day.

    Where not all are `needed`, an empty answer says that nothing has changed.
    """

    def __init__(
        self,
        *args: Any,
        questions: Sequence[Question],
        today: date,
        needed: frozenset[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, prefix="q", **kwargs)
        self.questions, self.today, self.needed = questions, today, needed
        for question in questions:
            self._add(question, needed is None or question.code in needed)

    def _add(self, question: Question, is_needed: bool) -> None:
        self.fields[question.code] = forms.ChoiceField(
            label=said(question.text),
            required=is_needed,
            choices=AnswerValue.choices,
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose an answer.")},
        )
        if question.wants_date:
            self.fields[f"{question.code}-date"] = DayField(
                label=said(question.date_text) or _("When was that?"), required=False
            )

    def clean(self) -> dict[str, Any]:
        """A yes to a dated question needs its date; any other answer drops it."""
        cleaned = super().clean() or self.cleaned_data
        for question in self.questions:
            name = f"{question.code}-date"
            if cleaned.get(question.code) != AnswerValue.YES:
                cleaned[name] = None
                self.errors.pop(name, None)
            elif question.wants_date and name in cleaned:
                self._judge(name, cleaned[name])
        return cleaned

    def _judge(self, name: str, day: date | None) -> None:
        if day is None:
            self.add_error(
                name,
                _(
                    "Type the date. A good guess will do; or choose “I would rather "
                    "talk about it”."
                ),
            )
        elif day > self.today:
            self.add_error(name, _("That day is still to come. Check the date."))
        elif day.year < OLDEST:
            self.add_error(name, _("Check the year: it is too long ago."))

    def asked(self, cards: dict[str, Card]) -> Iterator[Asked]:
        """Each question with its fields, in order, and its card if it has one."""
        for question in self.questions:
            code = question.code
            yield Asked(
                code=code,
                text=said(question.text),
                hint=str(HINTS.get(code, "")),
                value=self[code],
                on_date=self[f"{code}-date"] if question.wants_date else None,
                card=cards.get(code),
            )

    def given(self) -> list[Given]:
        """The answers that are right, even of a form that is not as a whole."""
        if not self.is_bound or self.errors is None:
            return []
        return [
            Given(code, AnswerValue(value), self.cleaned_data.get(f"{code}-date"))
            for question in self.questions
            if (code := question.code)
            and (value := self.cleaned_data.get(code))
            and f"{code}-date" not in self.errors
        ]
