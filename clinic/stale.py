"""Saving from a page that has been open for a while: nothing is overwritten unseen."""

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

SALT = "clinic.stale"


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that somebody else changed meanwhile: what is saved, what was typed."""

    label: str
    saved: str
    typed: str


class StaleAwareForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that carries what its page showed, and refuses once where that is old.

    Validate it inside a transaction that holds the row. `clashes` then names both
    versions of each field; the form as shown again carries the saved ones as seen, so
    that saving once more is a choice made with open eyes.
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

    def _stored(self) -> dict[str, str]:
        """The fields as the database has them now, as text."""
        if not self.instance.pk:
            return {}
        row = type(self.instance)._default_manager.get(pk=self.instance.pk)
        stored = forms.model_to_dict(row, fields=self._meta.fields)
        return {name: _text(value) for name, value in stored.items()}

    def _seen(self) -> dict[str, str]:
        try:
            seen: dict[str, str] = signing.loads(
                self.data[self.add_prefix("seen")], salt=SALT
            )
        except (KeyError, signing.BadSignature):
            return {}
        return seen

    def _refuse(self, seen: dict[str, str]) -> None:
        self.clashes = [
            Clash(
                str(self.fields[name].label),
                self._shown(name, saved),
                self._shown(name, self.data.get(self.add_prefix(name), "")),
            )
            for name, saved in self._before.items()
            if name in self.fields and seen.get(name) != saved
        ]
        data = cast(QueryDict, self.data).copy()
        data[self.add_prefix("seen")] = self.initial["seen"]
        self.data = data
        self.add_error(
            None,
            _("Somebody else saved this meanwhile. Both versions are shown below."),
        )

    def _shown(self, name: str, value: str) -> str:
        """A value as the field would show it: the label of a choice, else the text."""
        choices = getattr(self.fields[name], "choices", ())
        return next((str(label) for key, label in choices if str(key) == value), value)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
