"""Saving from a page that has been open for a while: nothing is overwritten unseen."""

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

SALT = "clinic.stale"
Plain = str | bool | list[str]


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that somebody else changed meanwhile: what is saved, what was typed.

    `was_typed` says that it was changed on this page too. One that was not has taken
    over what is saved, so that saving once more does not bring the old value back.
    """

    name: str
    label: str
    saved: str
    typed: str
    was_typed: bool


class StaleAwareForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that carries what its page showed, and refuses once where that is old.

    Validate it inside a transaction that holds the row. `clashes` then names both
    versions of each field; the form as shown again keeps what was typed and carries the
    saved values as seen, so that saving once more is a choice made with open eyes.
    Render `seen` with the fields.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clashes: list[Clash] = []
        self._before = self._stored()
        self.initial["seen"] = signing.dumps(self._before, salt=SALT, compress=True)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        seen = self._seen()
        if self.instance.pk and seen != self._before:
            self._refuse(seen)
        data.pop("seen", None)
        return data

    def _stored(self) -> dict[str, Plain]:
        """The fields as the database has them now, as plain values."""
        if not self.instance.pk:
            return {}
        row = type(self.instance)._default_manager.get(pk=self.instance.pk)
        stored = forms.model_to_dict(row, fields=self._meta.fields)
        return {name: _plain(value) for name, value in stored.items()}

    def _seen(self) -> dict[str, Plain]:
        try:
            seen: dict[str, Plain] = signing.loads(
                self.data[self.add_prefix("seen")], salt=SALT
            )
        except (KeyError, signing.BadSignature):
            return {}
        return seen

    def _refuse(self, seen: dict[str, Plain]) -> None:
        data = cast(QueryDict, self.data).copy()
        for name, saved in self._before.items():
            if name in self.fields and seen.get(name) != saved:
                clash = self._clash(name, saved, seen)
                self.clashes.append(clash)
                if not clash.was_typed:
                    self._fill(data, name, saved)
        data[self.add_prefix("seen")] = self.initial["seen"]
        self.data = data
        self.add_error(
            None,
            _("Somebody else saved this meanwhile. Both versions are shown below."),
        )

    def _clash(self, name: str, saved: Plain, seen: dict[str, Plain]) -> Clash:
        typed = self[name].data
        return Clash(
            name,
            str(self.fields[name].label),
            self._shown(name, saved),
            self._shown(name, typed),
            name not in seen or self._differs(name, seen[name], typed),
        )

    def _differs(self, name: str, shown: Plain, typed: Any) -> bool:
        """Whether `typed` says something else than the page showed at first."""
        field = self.fields[name]
        try:
            return field.has_changed(field.to_python(shown), typed)
        except ValidationError:
            return True

    def _fill(self, data: QueryDict, name: str, value: Plain) -> None:
        key = self.add_prefix(name)
        if isinstance(value, list):
            data.setlist(key, value)
        elif value is False:
            data.pop(key, None)
        else:
            data[key] = "on" if value is True else value

    def _shown(self, name: str, value: Any) -> str:
        """A value as the field shows it: labels of choices, yes or no, else the text."""
        if isinstance(self.fields[name], forms.BooleanField):
            return gettext("Yes") if value else gettext("No")
        choices = getattr(self.fields[name], "choices", ())
        labels = {str(key): str(label) for key, label in choices}
        several = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(str(one), str(one)) for one in several if one)


def _plain(value: Any) -> Plain:
    if isinstance(value, bool):
        return value
    if isinstance(value, list | tuple):
        keys = (one.pk if isinstance(one, Model) else one for one in value)
        return sorted(str(key) for key in keys)
    return "" if value is None else str(value)
