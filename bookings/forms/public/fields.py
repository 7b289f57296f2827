"""What the public forms share: short words, catalogue choices, fields that keep quiet."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from clinic.words import said

NO_NAME = re.compile(r"[/@<>\\{}\[\]|]|www\.|https?:", re.IGNORECASE)
"""What is in no name, and would make a letter carry somebody's advertisement."""


class QuietField(forms.BoundField):
    """A field as drawn, that says it is wrong only where its form tells of faults."""

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        """The attributes of the control: its hint and, if it is told, its fault."""
        is_list = isinstance(self.field.widget, forms.Select)
        own = {"class": "form-select" if is_list else "form-control", **attrs}
        if self.field.required and not self.field.disabled:
            own["required"] = True
        about = [f"{self.auto_id}_hint"] if self.help_text else []
        if self.is_told:
            own |= {"class": f"{own['class']} is-invalid", "aria-invalid": "true"}
            about.insert(0, f"{self.auto_id}_fault")
        return own | ({"aria-describedby": " ".join(about)} if about else {})

    @property
    def is_told(self) -> bool:
        """Whether it is wrong, and to be told."""
        return bool(getattr(self.form, "tells", False) and self.errors)


class PublicForm(forms.Form):
    """A form that shows what was typed, and speaks of faults only when told to.

    `typed` is what was typed so far, as lists of values by name; without it, `wanted`
    fills the fields.
    """

    bound_field_class = QuietField

    def __init__(
        self,
        typed: Mapping[str, list[str]] | None = None,
        wanted: Mapping[str, list[str]] | None = None,
        **kwargs: Any,
    ) -> None:
        self.tells = False
        data = None if typed is None else MultiValueDict(typed)
        super().__init__(data, **kwargs)
        for name, values in (wanted or {}).items():
            if name in self.fields:
                many = isinstance(self.fields[name], forms.ModelMultipleChoiceField)
                self.initial[name] = values if many else values[0]

    def faults(self) -> list[tuple[str, str, str]]:
        """Each fault to tell: the field to go to, its label, and the words."""
        if not self.tells:
            return []
        return [
            (_place(self[name]), str(self[name].label), str(error))
            for name, errors in self.errors.items()
            for error in errors
        ]


def _place(field: forms.BoundField) -> str:
    """The id of the first thing to fill in."""
    widget = field.field.widget
    if isinstance(widget, forms.MultiWidget):
        names: list[str] = getattr(widget, "widgets_names", [""])
        return f"{field.auto_id}{names[0]}"
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return f"{field.auto_id}_0"
    return str(field.auto_id)


class SaidChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One thing of the catalogue, named in the page's language."""

    widget = forms.RadioSelect

    def label_from_instance(self, obj: Model) -> str:
        return said(str(obj))


class SaidChoices(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Several things of the catalogue, named in the page's language."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Model) -> str:
        return said(str(obj))


class PlainWords(forms.CharField):
    """A line of words: a name or a place, with single blanks and no address in it."""

    def clean(self, value: Any) -> str:
        words: str = super().clean(" ".join(str(value or "").split()))
        if NO_NAME.search(words):
            raise forms.ValidationError(
                _("Use letters only here, without signs such as / or @.")
            )
        return words
