"""Health questions as a form: yes, no or "rather talk", and a date where it matters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.models import AnswerValue, HealthAnswer
from bookings.services.screening import Given
from treatments.suitability import Question


class DayField(forms.MultiValueField):
    """A date typed as day, month and year, each in its own short field."""

    def __init__(self, **kwargs: Any) -> None:
        parts = [forms.CharField(required=False) for _part in range(3)]
        super().__init__(parts, widget=DayWidget(), require_all_fields=False, **kwargs)

    def compress(self, data_list: Sequence[str]) -> date | None:
        """The date, or None where nothing was typed."""
        if not any(data_list):
            return None
        try:
            day, month, year = (int(part) for part in data_list)
            return date(year, month, day)
        except (ValueError, OverflowError):
            raise forms.ValidationError(
                _("That is no date. Type it as day, month and year, such as 3 11 2026.")
            ) from None


class DayWidget(forms.MultiWidget):
    """Day, month and year side by side; what was typed stays as it was."""

    def __init__(self) -> None:
        number = {"inputmode": "numeric", "autocomplete": "off"}
        super().__init__(
            {part: forms.TextInput(number) for part in ("day", "month", "year")}
        )

    def decompress(self, value: date | None) -> list[int | None]:
        if value is None:
            return [None, None, None]
        return [value.day, value.month, value.year]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as drawn: its fields, and what was answered before."""

    question: Question
    value: forms.BoundField
    on_date: forms.BoundField | None
    detail: forms.BoundField
    is_fresh: forms.BoundField | None
    before: HealthAnswer | None
    is_due: bool


class AnswersForm(forms.Form):
    """The questions of one protocol, filled with what is known."""

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        questions: Sequence[Question],
        known: Mapping[str, HealthAnswer],
        due: set[str],
    ) -> None:
        super().__init__(data)
        self.questions, self.known, self.due = questions, known, due
        for question in questions:
            self._add(question, known.get(question.code))

    def _add(self, question: Question, before: HealthAnswer | None) -> None:
        code = question.code
        self.fields[code] = forms.ChoiceField(
            label=question.text,
            choices=AnswerValue.choices,
            widget=forms.RadioSelect,
            initial=before.value if before else None,
            error_messages={"required": _("Choose an answer.")},
        )
        if question.wants_date:
            self.fields[f"{code}-date"] = DayField(
                label=question.date_text or _("When was that?"),
                required=False,
                initial=before.on_date if before else None,
            )
        self.fields[f"{code}-detail"] = forms.CharField(
            label=_("In their words, if they like"),
            required=False,
            max_length=300,
            initial=before.detail if before else "",
        )
        if before:
            self.fields[f"{code}-fresh"] = forms.BooleanField(
                label=_("Asked again today, and it is still so"), required=False
            )

    def clean(self) -> dict[str, Any]:
        """A yes to a dated question needs its date; any other answer drops it."""
        cleaned = super().clean() or self.cleaned_data
        for question in self.questions:
            name = f"{question.code}-date"
            if cleaned.get(question.code) != AnswerValue.YES:
                cleaned[name] = None
                self.errors.pop(name, None)
            elif question.wants_date and cleaned.get(name, date.min) is None:
                self.add_error(name, self._date_missing())
        return cleaned

    @staticmethod
    def _date_missing() -> Any:
        return _(
            "Type the date. If nobody knows it, choose “I would rather talk about it”."
        )

    def asked(self) -> Iterator[Asked]:
        """Each question with its fields, in the order in which it is asked."""
        for question in self.questions:
            code = question.code
            yield Asked(
                question=question,
                value=self[code],
                on_date=self[f"{code}-date"] if question.wants_date else None,
                detail=self[f"{code}-detail"],
                is_fresh=self[f"{code}-fresh"] if code in self.known else None,
                before=self.known.get(code),
                is_due=code in self.due,
            )

    def given(self) -> list[Given]:
        """The answers, as the service takes them."""
        return [
            Given(
                question=question.code,
                value=AnswerValue(self.cleaned_data[question.code]),
                on_date=self.cleaned_data.get(f"{question.code}-date"),
                detail=self.cleaned_data[f"{question.code}-detail"],
                is_fresh=self.cleaned_data.get(f"{question.code}-fresh", False),
            )
            for question in self.questions
        ]
