"""Photos to keep, one to put away, all files to erase, two to compare."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from bookings.models import PhotoAngle
from bookings.services.photos.keeping import Shot
from bookings.services.photos.putting_away import LONGEST_REASON
from bookings.services.photos.shots import Occasion
from treatments.models import BodyArea

MOST_FILES = 20
NO_PLAN = _("Without a plan")


class ShotsForm(forms.Form):
    """Photos of one area on one occasion; the files come by side, as `shot-front`."""

    about = forms.ChoiceField(label=_("What the photos are of"))
    area = forms.ModelChoiceField(
        BodyArea.objects.all(),
        to_field_name="code",
        label=_("Area of skin"),
        error_messages={"required": _("Say which skin the photos show.")},
    )
    day = forms.DateField(
        required=False,
        label=_("Taken on"),
        help_text=_("Today, or the day of the session, unless you say otherwise."),
        widget=forms.DateInput({"type": "date"}),
    )

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        occasions: Iterable[Occasion],
        **options: Any,
    ) -> None:
        super().__init__(data, files, **options)
        self._known = {one.code: one for one in occasions}
        about: Any = self.fields["about"]
        about.choices = list(_grouped(self._known.values()))

    def clean(self) -> dict[str, Any]:
        """At least one file, and no more than a person can mean."""
        count = len(self.uploads())
        if not count:
            raise forms.ValidationError(_("Take or choose at least one photo."))
        if count > MOST_FILES:
            raise forms.ValidationError(_("Keep up to 20 photos at a time."))
        return self.cleaned_data

    def uploads(self) -> list[tuple[str, "UploadedFile[Any]"]]:
        """Each file with the side it was given for."""
        files: Any = self.files
        return [
            (angle, file)
            for angle in PhotoAngle.values
            for file in (files.getlist(f"shot-{angle}") if files else ())
        ]

    def shot(self, angle: str) -> Shot:
        """What a photo from that side is of."""
        said = self.cleaned_data
        return Shot(self._known[said["about"]], said["area"], angle, said["day"])


def _grouped(found: Iterable[Occasion]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for plan, rows in groupby(found, key=lambda one: one.plan):
        name = str(plan.protocol.treatment) if plan else str(NO_PLAN)
        yield name, [(one.code, one.label) for one in rows]


class PutAwayForm(forms.Form):
    """Why a photo is shown no more."""

    why = forms.CharField(
        label=_("Why"),
        max_length=LONGEST_REASON,
        error_messages={"required": _("Say why: the reason is kept.")},
    )
    is_of_another = forms.BooleanField(
        required=False,
        label=_("It shows somebody else: erase its files now"),
    )


class EraseForm(forms.Form):
    """Why every file is erased, and that it is meant."""

    why = forms.CharField(
        label=_("Why"),
        max_length=LONGEST_REASON,
        error_messages={"required": _("Say why: the reason is kept.")},
    )
    is_sure = forms.BooleanField(
        label=_("I have read this: files that are erased cannot be brought back"),
        error_messages={"required": _("Tick this first: it cannot be undone.")},
    )


class PairForm(forms.Form):
    """Which two photos to compare, as the address says it."""

    before = forms.IntegerField(required=False, min_value=1, max_value=2**31)
    after = forms.IntegerField(required=False, min_value=1, max_value=2**31)
    plan = forms.IntegerField(required=False, min_value=1, max_value=2**31)

    def wanted(self) -> dict[str, int | None]:
        """What is asked for; what makes no sense is left out."""
        self.is_valid()
        said = self.cleaned_data
        return {name: said.get(name) for name in ("before", "after", "plan")}
