"""Health questions again, as a patient answers them: pre-filled, in plain words."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from bookings.forms.screening import AnswersForm
from bookings.models import AnswerValue
from bookings.services.portal.rechecks import Check
from bookings.services.screening import Given


class ChangeForm(AnswersForm):
    """Every question of a session's protocol; what is asked again counts as fresh."""

    def __init__(self, data: Mapping[str, Any] | None, *, found: Check) -> None:
        self.asked_again = {one.question.code for one in found.again}
        super().__init__(
            data,
            questions=[one.question for one in found.everything],
            known=found.known,
            due={one.question.code for one in found.asked},
        )

    def _add(self, question: Any, before: Any) -> None:
        super()._add(question, before)
        self.fields.pop(f"{question.code}-fresh", None)
        self.fields[f"{question.code}-detail"].label = _("In your own words")

    def rows(self) -> Iterable[Mapping[str, Any]]:
        """Each question with its fields, as the page draws it."""
        for question in self.questions:
            code = question.code
            yield {
                "question": question,
                "value": self[code],
                "on_date": self[f"{code}-date"] if question.wants_date else None,
                "detail": self[f"{code}-detail"],
                "is_asked": code in self.asked_again or code not in self.known,
                "before": self.known.get(code),
            }

    def given(self) -> list[Given]:
        """The answers; those to what is asked again are fresh, changed or not."""
        return [
            Given(
                question=question.code,
                value=AnswerValue(self.cleaned_data[question.code]),
                on_date=self.cleaned_data.get(f"{question.code}-date"),
                detail=self.cleaned_data[f"{question.code}-detail"],
                is_fresh=question.code in self.asked_again,
            )
            for question in self.questions
        ]
