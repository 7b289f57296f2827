"""What every form of the catalogue's drafts shares, and the signature under one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.stale import StaleAwareForm
from treatments.models import Protocol, Source, Treatment
from treatments.models.sources import Vouched

OWN = ("approved_by", "approved_at")  # the service's
SAYS_SO = _(
    "You changed the value. If the document says so, tick below; if not, choose the "
    "clinic’s default: it then waits to be confirmed."
)


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together under one source."""

    legend: str
    fields: list[forms.BoundField]
    source: forms.BoundField | None
    stated: forms.BoundField | None


def stated(source: str) -> str:
    """The name of the tick that a document still says what is typed."""
    return f"stated-{source}"


class DraftForm(StaleAwareForm):
    """A line of a draft. What is changed says anew where it comes from.

    `GROUPS` are legend, fields, and the source they share; `WORDS` are fields that may
    be put better without becoming another value. `also` are the treatments in which the
    same change is made.
    """

    GROUPS: ClassVar[list[tuple[Any, list[str], str]]] = []
    WORDS: ClassVar[tuple[str, ...]] = ()
    FIXED: ClassVar[tuple[str, ...]] = ()  # what a line is known by, once it is there

    also = forms.ModelMultipleChoiceField(
        Treatment.objects.none(),
        label=_("Make the same change in"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Where the draft of a treatment says something else, it stays."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked: set[str] = set()
        if self.instance.pk:
            for name in self.FIXED:
                self.fields.pop(name, None)
        for legend, _names, source in self.GROUPS:
            if source:
                self._add_source(str(legend), source)
        others = Treatment.objects.offered().exclude(pk=self.draft.treatment_id)
        also: Any = self.fields["also"]
        also.queryset = others

    @property
    def draft(self) -> Protocol:
        """The draft that the line belongs to."""
        row: Any = self.instance
        return row if isinstance(row, Protocol) else row.protocol

    @property
    def groups(self) -> list[Group]:
        """The fields as they are shown."""
        return [
            Group(
                str(legend),
                [self[name] for name in names if name in self.fields],
                self[source] if source else None,
                self[stated(source)] if source in self._asked else None,
            )
            for legend, names, source in self.GROUPS
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for _legend, names, source in self.GROUPS:
            if source:
                self._judge_source(names, source)
        return data

    def changed_columns(self) -> list[str]:
        """The columns of the row that this form changes."""
        known = self._meta.fields or ()
        return [name for name in self.changed_data if name in known]

    def before(self) -> dict[str, Any]:
        """The changed columns as they are saved; empty for a new line."""
        if not self.instance.pk:
            return {}
        row = type(self.instance)._default_manager.get(pk=self.instance.pk)
        return {name: getattr(row, name) for name in self.changed_columns()}

    def _judge_source(self, names: Iterable[str], source: str) -> None:
        """A changed value may not go on calling on a document that nobody looked at."""
        values = set(names) - set(self.WORDS)
        if (
            not self.instance.pk
            or not values & set(self.changed_data)
            or source in self.changed_data
            or self.cleaned_data.get(source) in ("", Source.CLINIC)
        ):
            return
        self._asked.add(source)
        if not self.cleaned_data.get(stated(source)) and not values & set(self.errors):
            self.add_error(source, SAYS_SO)

    def _add_source(self, legend: str, source: str) -> None:
        """Say what the source is of, and make room for the tick that it is looked at."""
        of_what = {"what": legend[:1].lower() + legend[1:]}
        self.fields[source].label = _("Source, %(what)s") % of_what
        self.fields[stated(source)] = forms.BooleanField(
            label=_("The document says this too"), required=False
        )

    def _get_validation_exclusions(self) -> set[str]:
        """The database's rules speak here, also on what the form does not show."""
        row: Vouched = self.instance
        shown = {field.name for field in row._meta.fields} - set(OWN)
        left_out: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return left_out - shown


class PublishForm(forms.Form):
    """The signature under a new version: what was read, why, and a tick."""

    seen = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why this changes"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Kept with the version, for everybody who reads the catalogue."),
        error_messages={"required": _("Say why: the reason is kept with the version.")},
    )
    signed = forms.BooleanField(
        label=_("I have read every change, and I sign for it."),
        error_messages={"required": _("Tick this to sign.")},
    )
