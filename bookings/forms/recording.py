"""A session record as it is typed: from fields to values, and back from a draft."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from bookings.forms.record_values import (
    NONE,
    OTHER,
    decimal_of,
    flat,
    joined,
    of_record,
    of_start,
    parted,
    whole_of,
)
from bookings.forms.series import DayField, is_skipped
from bookings.models import Endpoint, SessionRecord
from bookings.services.recording.limits import MOST_PASSES
from bookings.services.recording.starting import AreaStart, Start
from bookings.services.recording.values import AreaDone, Contents, Used
from clinic.models import Device, Practitioner

BLANKS = 2  # empty lines for products that are not offered
INJECTION = "injection"


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One area of skin: where it starts from, and its fields."""

    start: AreaStart
    is_treated: bool
    depth: forms.BoundField
    passes: forms.BoundField
    energy: forms.BoundField


@dataclass(frozen=True, slots=True)
class ProductRow:
    """Three fields for a product that nobody offered."""

    name: forms.BoundField
    lot: forms.BoundField
    amount: forms.BoundField


class RecordForm(forms.Form):
    """Everything a signature under a session covers; it starts from the plan's values."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    day = DayField(label=_("Day"))
    began = forms.TimeField(
        label=_("Started"), widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    ended = forms.TimeField(
        label=_("Ended"), widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    device = forms.ModelChoiceField(
        Device.objects.none(),
        label=_("Device"),
        error_messages={
            "required": _("Say which device was used."),
            "invalid_choice": _("Choose a device that may be used on that day."),
        },
    )
    supervisor = forms.ModelChoiceField(
        Practitioner.objects.none(), label=_("Supervising doctor"), required=False
    )
    anaesthetic = forms.ChoiceField(label=_("Anaesthetic"), required=False)
    anaesthetic_words = forms.CharField(label=_("Which"), max_length=80, required=False)
    endpoint = forms.ChoiceField(
        label=_("Endpoint: petechiae"),
        choices=Endpoint.choices,
        error_messages={"required": _("Say whether the endpoint was reached.")},
    )
    prp_lot = forms.CharField(label=_("PRP kit lot"), max_length=40, required=False)
    prp_volume_ml = forms.DecimalField(
        label=_("Volume in ml"),
        required=False,
        max_digits=4,
        decimal_places=1,
        min_value=Decimal("0.1"),
    )
    reaction = forms.CharField(
        label=_("Reaction in the room"), max_length=300, required=False
    )
    note = forms.CharField(label=_("Note"), max_length=2000, required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        start: Start,
        typed: Mapping[str, Sequence[str]] | None = None,
        record: SessionRecord | None = None,
    ) -> None:
        self.start, self.zone = start, start.session.location.zone
        given = of_record(record, start) if record else {}
        initial = of_start(start, self.zone) | given | flat(typed or {})
        super().__init__(data, initial=initial)
        self._offer_choices()
        for area in start.areas:
            self._add_area(area)
        for number in range(BLANKS):
            self._add_product(number)

    def _offer_choices(self) -> None:
        able = [one.device.pk for one in self.start.fit]
        self.fields["device"].queryset = Device.objects.filter(pk__in=able)  # type: ignore[attr-defined]
        doctors = [one.doctor.pk for one in self.start.doctors]
        known = Practitioner.objects.filter(pk__in=doctors)
        self.fields["supervisor"].queryset = known  # type: ignore[attr-defined]
        self.fields["anaesthetic"].choices = [  # type: ignore[attr-defined]
            (self.start.numbing, self.start.numbing),
            (INJECTION, _("Cream and injection")),
            (NONE, _("None")),
            (OTHER, _("Other")),
        ]

    def _add_area(self, area: AreaStart) -> None:
        key, told = area.area.pk, {"area": area.area}
        self.fields[f"depth-{key}"] = forms.DecimalField(
            label=_("Depth in mm, %(area)s") % told,
            required=False,
            min_value=Decimal("0.1"),
            max_value=self.start.deepest,
            max_digits=2,
            decimal_places=1,
            error_messages={
                "max_value": _("Needles go no deeper than %(limit_value)s mm.")
            },
        )
        self.fields[f"passes-{key}"] = forms.IntegerField(
            label=_("Passes, %(area)s") % told,
            required=False,
            min_value=1,
            max_value=MOST_PASSES,
        )
        self.fields[f"energy-{key}"] = forms.CharField(
            label=_("RF energy, %(area)s") % told, max_length=40, required=False
        )

    def _add_product(self, number: int) -> None:
        line = {"number": number + 1}
        self.fields[f"product-{number}"] = forms.CharField(
            label=_("Product %(number)s") % line, max_length=80, required=False
        )
        self.fields[f"lot-{number}"] = forms.CharField(
            label=_("Lot of product %(number)s") % line, max_length=40, required=False
        )
        self.fields[f"amount-{number}"] = forms.CharField(
            label=_("Amount of product %(number)s") % line,
            max_length=40,
            required=False,
        )

    # --- What the page draws ------------------------------------------------------------

    def _ticked(self, name: str) -> list[str]:
        """The values of checkboxes called `name`, as typed or as they start."""
        if self.is_bound:
            return list(self.data.getlist(name))  # type: ignore[attr-defined]
        return list(self.initial.get(name, ()))

    @property
    def times(self) -> list[forms.BoundField]:
        """Day, start and end."""
        return [self["day"], self["began"], self["ended"]]

    def area_rows(self) -> Iterator[AreaRow]:
        """Each area with its fields."""
        treated = self._ticked("treated")
        for area in self.start.areas:
            key = area.area.pk
            yield AreaRow(
                area,
                str(key) in treated,
                self[f"depth-{key}"],
                self[f"passes-{key}"],
                self[f"energy-{key}"],
            )

    def offered_products(self) -> list[tuple[str, Used, bool]]:
        """Products used lately, and those ticked before: value, product, whether ticked."""
        ticked = self._ticked("products")
        offers = {joined(one): one for one in self.start.products}
        offers |= {text: parted(text) for text in ticked}
        return [(text, one, text in ticked) for text, one in offers.items() if one.name]

    def product_rows(self) -> Iterator[ProductRow]:
        """The empty lines for other products."""
        for number in range(BLANKS):
            names = ("product", "lot", "amount")
            yield ProductRow(*(self[f"{name}-{number}"] for name in names))

    @property
    def confirmed(self) -> frozenset[str]:
        """The codes of what was ticked as outside the plan."""
        return frozenset(self._ticked("confirm"))

    # --- What was typed, as values --------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        """What the treatment asks for is there; times that exist; words of “other”."""
        data = super().clean() or self.cleaned_data
        for row in self.area_rows():
            if row.is_treated:
                self._ask_area(row)
        if self.start.asks_plasma:
            self._ask("prp_lot", _("Give the lot: it makes the kit traceable."))
            self._ask("prp_volume_ml", _("Give the volume."))
        if data.get("anaesthetic") == OTHER:
            self._ask("anaesthetic_words", _("Say which one."))
        for number in range(BLANKS):
            if data.get(f"lot-{number}"):
                self._ask(f"product-{number}", _("Name the product."))
        for name in ("began", "ended"):
            at = self._moment(name)
            if at and is_skipped(at):
                self.add_error(name, _("The clocks skip that time on that day."))
        return data

    def _ask_area(self, row: AreaRow) -> None:
        self._ask(row.depth.name, _("Set the depth."))
        self._ask(row.passes.name, _("Set the passes."))
        if self.start.asks_energy:
            self._ask(row.energy.name, _("Set the energy."))

    def _ask(self, name: str, words: Any) -> None:
        if name not in self.errors and self.cleaned_data.get(name) in (None, ""):
            self.add_error(name, words)

    def _moment(self, name: str) -> datetime | None:
        day: date | None = self.cleaned_data.get("day")
        at: time | None = self.cleaned_data.get(name)
        if day is None or at is None:
            return None
        return datetime.combine(day, at, self.zone)

    def areas_done(self) -> tuple[AreaDone, ...]:
        """The treated areas whose fields are in order, so far."""
        data = self.cleaned_data
        return tuple(
            AreaDone(area.area, depth, passes, data.get(f"energy-{area.area.pk}") or "")
            for area, is_treated in (
                (row.start, row.is_treated) for row in self.area_rows()
            )
            if is_treated
            and (depth := data.get(f"depth-{area.area.pk}")) is not None
            and (passes := data.get(f"passes-{area.area.pk}")) is not None
        )

    def doctor_named(self) -> tuple[Practitioner, datetime, datetime] | None:
        """The supervising doctor and the session's time, once all three are in order."""
        began, ended = self._moment("began"), self._moment("ended")
        who: Practitioner | None = self.cleaned_data.get("supervisor")
        is_whole = who and began and ended and began < ended
        return (who, began, ended) if is_whole else None  # type: ignore[return-value]

    def areas_begun(self) -> tuple[AreaDone, ...]:
        """The treated areas as the form begins, from a draft or a signed version."""
        return tuple(
            AreaDone(row.start.area, depth, passes, str(row.energy.value() or ""))
            for row in self.area_rows()
            if row.is_treated
            and (depth := decimal_of(row.depth.value())) is not None
            and (passes := whole_of(row.passes.value())) is not None
        )

    def contents(self) -> Contents:
        """Everything, as the service takes it; only once the form is valid."""
        data = self.cleaned_data
        began, ended = self._moment("began"), self._moment("ended")
        return Contents(
            device=data["device"],
            supervisor=data["supervisor"],
            started_at=began,  # type: ignore[arg-type]
            ended_at=ended,  # type: ignore[arg-type]
            anaesthetic=self._anaesthetic(),
            endpoint=data["endpoint"],
            areas=self.areas_done(),
            prp_lot=data["prp_lot"],
            prp_volume_ml=data["prp_volume_ml"],
            products=tuple(self._products()),
            reaction=data["reaction"],
            note=data["note"],
            confirmed=self.confirmed,
        )

    def _anaesthetic(self) -> str:
        chosen = self.cleaned_data["anaesthetic"]
        if chosen == OTHER:
            return str(self.cleaned_data["anaesthetic_words"])
        if chosen == NONE:
            return ""
        return str(dict(self.fields["anaesthetic"].choices).get(chosen, chosen))  # type: ignore[attr-defined]

    def _products(self) -> Iterator[Used]:
        for text in self._ticked("products"):
            if (used := parted(text)).name:
                yield used
        data = self.cleaned_data
        for number in range(BLANKS):
            if name := data[f"product-{number}"]:
                yield Used(name, data[f"lot-{number}"], data[f"amount-{number}"])


class AmendForm(RecordForm):
    """Another version of a signed record, and why."""

    why = forms.CharField(
        label=_("Why it is amended"),
        max_length=300,
        error_messages={"required": _("Say why: the reason stays in the record.")},
    )
