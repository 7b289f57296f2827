"""Preferences for a whole series, and the choice of one proposal."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core import signing
from django.forms.utils import flatatt
from django.http import QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from bookings.models import SeriesBooking, TreatmentPlan
from bookings.services.proposing.wishes import (
    FIRST_ARRIVAL,
    FIRST_DAY,
    LAST_ARRIVAL,
    LAST_DAY,
    SETTLED_DAYS,
    Pin,
    Wishes,
    read_pins,
)
from bookings.services.spoken import span_words

WEEKDAYS = [
    ("0", _("Mon")),
    ("1", _("Tue")),
    ("2", _("Wed")),
    ("3", _("Thu")),
    ("4", _("Fri")),
    ("5", _("Sat")),
]
AVOID_ROWS = 3
AVOID_PARTS = ("first", "last", "label")
SALT = "bookings.series.proposal"
LONGEST_STRATEGY = SeriesBooking._meta.get_field("strategy").max_length


POLICIES = [
    ("anyone", _("Anyone qualified")),
    ("one-if-soon", _("One person if it costs under a week")),
    ("one", _("One person throughout")),
]


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day that a diary can have: years to either side are there to reckon with."""

    def __init__(self, *, label: Any, required: bool = True) -> None:
        super().__init__(label=label, required=required, widget=DateInput)

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise forms.ValidationError(
                _("Give a day between %(first)s and %(last)s."),
                params={"first": FIRST_DAY.year, "last": LAST_DAY.year},
            )
        return day


def is_skipped(at: datetime) -> bool:
    """Whether the clocks of the zone of `at` never show that time on that day."""
    shown = at.astimezone(UTC).astimezone(at.tzinfo)
    return shown.replace(tzinfo=None) != at.replace(tzinfo=None)


class TimeSelect(forms.Select):
    """A select drawn at one go: a template for each of a hundred times is slow."""

    def render(
        self, name: str, value: Any, attrs: Any = None, renderer: Any = None
    ) -> Any:  # escaped by format_html
        """The select, with `value` chosen."""
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (time, " selected" if str(value) == time else "", words)
                for time, words in self.choices
            ),
        )
        held = flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})}))
        return format_html("<select{}>{}</select>", held, options)


def arrival_times() -> list[tuple[str, str]]:
    """Every quarter of an hour that may be chosen."""
    first, last = FIRST_ARRIVAL.hour * 60, LAST_ARRIVAL.hour * 60
    return [
        (f"{minute // 60:02}:{minute % 60:02}", f"{minute // 60}:{minute % 60:02}")
        for minute in range(first, last + 1, 15)
    ]


@dataclass(frozen=True, slots=True)
class AvoidRow:
    """One stretch of dates to avoid: its fields, and the query that leaves it out."""

    number: int
    fields: dict[str, forms.BoundField]
    without: str

    @property
    def is_filled(self) -> bool:
        """Whether anything was given at all."""
        return any(field.value() for field in self.fields.values())

    @property
    def has_errors(self) -> bool:
        """Whether something in it has to be mended."""
        return any(field.errors for field in self.fields.values())

    @property
    def label(self) -> str:
        """What the dates are for."""
        return str(self.fields["label"].value() or "")

    @property
    def dates(self) -> str:
        """The dates in words; empty where they make no sense."""
        days = [self.fields[part].value() for part in ("first", "last")]
        try:
            first, last = (date.fromisoformat(day or days[0]) for day in days)
        except (TypeError, ValueError):
            return ""
        return span_words(first, last)


class PreferencesForm(forms.Form):
    """Days, times, practitioner policy, dates to avoid and sessions pinned by hand."""

    earliest = DayField(label=_("Earliest start"))
    days = forms.MultipleChoiceField(
        label=_("Days"),
        choices=WEEKDAYS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one day of the week.")},
    )
    arrive_from = forms.ChoiceField(
        label=_("Arrive from"), choices=arrival_times, widget=TimeSelect
    )
    arrive_until = forms.ChoiceField(
        label=_("Arrive until"), choices=arrival_times, widget=TimeSelect
    )
    policy = forms.ChoiceField(
        label=_("Practitioner"), choices=POLICIES, widget=forms.RadioSelect
    )

    settled = forms.BooleanField(
        label=_("Skin settled %(days)s days before these") % {"days": SETTLED_DAYS},
        required=False,
    )

    def __init__(self, data: QueryDict, *, first_allowed: date) -> None:
        super().__init__(data)
        self.first_allowed = first_allowed
        self._address = data
        self.pins: tuple[Pin, ...] = read_pins(data.getlist("pin"))
        for row in range(1, AVOID_ROWS + 1):
            self.fields[f"avoid_{row}_first"] = DayField(
                label=_("From"), required=False
            )
            self.fields[f"avoid_{row}_last"] = DayField(label=_("To"), required=False)
            self.fields[f"avoid_{row}_label"] = forms.CharField(
                label=_("What for"), required=False, max_length=60
            )

    def filled_rows(self) -> list[AvoidRow]:
        """Dates to avoid that were given."""
        return [row for row in self._rows() if row.is_filled]

    def empty_rows(self) -> list[AvoidRow]:
        """Room for more dates to avoid."""
        return [row for row in self._rows() if not row.is_filled]

    def _rows(self) -> Iterator[AvoidRow]:
        for number in range(1, AVOID_ROWS + 1):
            names = {part: f"avoid_{number}_{part}" for part in AVOID_PARTS}
            kept = [pair for pair in self._pairs() if pair[0] not in names.values()]
            fields = {part: self[name] for part, name in names.items()}
            yield AvoidRow(number, fields, urlencode(kept))

    def _pairs(self) -> list[tuple[str, str]]:
        """Every name and value of the address this form came from."""
        some = self._address.lists()
        return [(name, value) for name, values in some for value in values]

    def clean_earliest(self) -> date:
        chosen: date = self.cleaned_data["earliest"]
        return max(chosen, self.first_allowed)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("arrive_from", "") > data.get("arrive_until", "99"):
            self.add_error(
                "arrive_until", _("The latest arrival is before the earliest.")
            )
        for row in range(1, AVOID_ROWS + 1):
            self._clean_avoid(row, data)
        return data

    def _clean_avoid(self, row: int, data: dict[str, Any]) -> None:
        first, last = data.get(f"avoid_{row}_first"), data.get(f"avoid_{row}_last")
        if last and not first:
            self.add_error(f"avoid_{row}_first", _("Give the first of these dates."))
        elif first and last and last < first:
            self.add_error(f"avoid_{row}_last", _("The last day is before the first."))

    def wishes(self) -> Wishes:
        """What was asked for; call it on a valid form."""
        data = self.cleaned_data
        return Wishes(
            earliest=data["earliest"],
            weekdays=frozenset(int(day) for day in data["days"]),
            arrive_between=(
                time.fromisoformat(data["arrive_from"]),
                time.fromisoformat(data["arrive_until"]),
            ),
            policy=data["policy"],
            avoid=tuple(self._avoid(data)),
            pins=self.pins,
            settled=data["settled"],
        )

    @staticmethod
    def _avoid(data: dict[str, Any]) -> list[tuple[date, date, str]]:
        return [
            (first, data[f"avoid_{row}_last"] or first, data[f"avoid_{row}_label"])
            for row in range(1, AVOID_ROWS + 1)
            if (first := data[f"avoid_{row}_first"])
        ]


class ProposalChoiceForm(forms.Form):
    """One chosen proposal, signed by us when it was drawn, and the submit's own key."""

    strategy = forms.CharField(max_length=LONGEST_STRATEGY)
    key = forms.UUIDField()

    def proposal(self, plan: TreatmentPlan) -> Any:
        """The chosen sessions as they were proposed to `plan`, or raise BadSignature."""
        signed = self.data.get(f"plan-{self.cleaned_data['strategy']}", "")
        return signing.loads(signed, salt=_salt(plan))


def sign(sessions: Any, plan: TreatmentPlan) -> str:
    """Seal what is proposed to `plan` for the way through the browser and back."""
    return signing.dumps(sessions, salt=_salt(plan), compress=True)


def _salt(plan: TreatmentPlan) -> str:
    """One for each plan: what was proposed to one patient is nothing to another."""
    return f"{SALT}:{plan.pk}"
