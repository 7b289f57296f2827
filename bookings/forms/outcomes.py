"""A result: a score for each concern, and what comes next."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bookings.forms.series import DateInput
from bookings.models import OutcomeDecision, ScoreMoment, TreatmentPlan
from bookings.models.outcomes import WORST_SCORE
from bookings.services.outcomes import deciding, showing
from bookings.services.outcomes.deciding import Choice
from bookings.services.outcomes.scoring import Scored
from bookings.services.plans import MOST_SESSIONS

POINTS = [(str(points), str(points)) for points in range(WORST_SCORE + 1)]


@dataclass(frozen=True, slots=True)
class Scale:
    """One concern with its fields: how it was, and how it is; without, not yet."""

    scored: Scored
    baseline: forms.BoundField
    result: forms.BoundField | None


class ScoreForm(forms.Form):
    """Each concern from 0 to 10, before the series and at its result; all optional."""

    def __init__(self, data: Any, *, scored: Sequence[Scored], has_begun: bool) -> None:
        self.scored = scored
        moments = list(ScoreMoment) if has_begun else [ScoreMoment.BASELINE]
        self._keys = {
            f"{moment}-{row.concern.pk}": (moment.value, row.concern.pk)
            for row in scored
            for moment in moments
        }
        known = showing.known_scores(scored)
        initial = {name: known.get(key) for name, key in self._keys.items()}
        super().__init__(data, initial=initial)
        self.fields.update(
            (name, _scale(*key, scored)) for name, key in self._keys.items()
        )

    def scales(self) -> Iterator[Scale]:
        """The concerns with their fields, in order."""
        for row in self.scored:
            result = f"{ScoreMoment.RESULT}-{row.concern.pk}"
            yield Scale(
                row,
                self[f"{ScoreMoment.BASELINE}-{row.concern.pk}"],
                self[result] if result in self._keys else None,
            )

    def scores(self) -> Mapping[tuple[str, int], int]:
        """What was scored; call it on a valid form."""
        return {
            key: int(self.cleaned_data[name])
            for name, key in self._keys.items()
            if self.cleaned_data.get(name)
        }


def _scale(moment: str, concern: int, scored: Sequence[Scored]) -> forms.ChoiceField:
    name = next(row.concern.name for row in scored if row.concern.pk == concern)
    label = _("%(concern)s, %(moment)s") % {
        "concern": _(name),
        "moment": str(ScoreMoment(moment).label).lower(),
    }
    return forms.ChoiceField(
        label=label,
        choices=POINTS,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("A score goes from 0 to 10.")},
    )


class DecideForm(ScoreForm):
    """What comes next, with the facts of that choice; those of others do not count."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    decision = forms.ChoiceField(
        choices=OutcomeDecision.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what comes next.")},
    )
    more_sessions = forms.IntegerField(
        label=gettext_lazy("How many more"),
        required=False,
        min_value=1,
        max_value=MOST_SESSIONS,
    )
    per_year = forms.TypedChoiceField(
        label=gettext_lazy("How often"),
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    recall_on = forms.DateField(
        label=gettext_lazy("Or write on another day"), required=False, widget=DateInput
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(
        self,
        data: Any,
        *,
        scored: Sequence[Scored],
        has_begun: bool,
        plan: TreatmentPlan,
        seen: int,
        now: datetime,
    ) -> None:
        super().__init__(data, scored=scored, has_begun=has_begun)
        self.initial.update(seen=seen, more_sessions=1, per_year=1)
        self.fields["per_year"].choices = [  # type: ignore[attr-defined]
            (number, _often(number, deciding.recall_day(plan, number, now=now)))
            for number in range(1, deciding.MOST_A_YEAR + 1)
        ]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in _of_others(data.get("decision")):
            self.errors.pop(name, None)
        return data

    def choice(self) -> Choice:
        """The decision as the service wants it; call it on a valid form."""
        data = self.cleaned_data
        return Choice(
            decision=data["decision"],
            note=data["note"],
            more_sessions=data.get("more_sessions"),
            per_year=data.get("per_year"),
            recall_on=data.get("recall_on"),
        )


def _of_others(decision: str | None) -> list[str]:
    """The fields that do not count for `decision`: nobody has to mend those."""
    names = []
    if decision != OutcomeDecision.CONTINUE:
        names += ["more_sessions"]
    if decision != OutcomeDecision.MAINTENANCE:
        names += ["per_year", "recall_on"]
    return names


def _often(number: int, day: date) -> str:
    words = ngettext(
        "%(count)s a year: write on %(day)s",
        "%(count)s a year: write on %(day)s",
        number,
    )
    return words % {"count": number, "day": date_format(day, "D j M Y")}
