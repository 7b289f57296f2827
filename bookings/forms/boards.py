"""The forms of the boards: filters in the address, and what is noted on them."""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.forms.patients import NewPatientForm
from bookings.models import ConsultationRequest, RequestStatus
from bookings.services import confirmations
from bookings.services.courses.board import Filters
from bookings.services.courses.states import CourseState
from bookings.services.requests import Wanted
from clinic.models import Location, Practitioner, User
from treatments.models import Treatment

MINE, NOBODY = "mine", "none"
Typed = TypeVar("Typed", bound=forms.BaseForm)


def keep_typed(form: Typed, data: Mapping[str, str]) -> Typed:
    """An unbound `form` that shows what `data` says of its fields, and judges nothing."""
    names = {name: form.add_prefix(name) for name in form.fields}
    form.initial.update({n: data[at] for n, at in names.items() if at in data})
    return form


class FilterForm(forms.Form):
    """A form in an address: what it does not know does not filter."""

    location = forms.ModelChoiceField(
        Location.objects.all(),
        to_field_name="slug",
        required=False,
        label=_("Location"),
        empty_label=_("All locations"),
    )

    def chosen(self, name: str) -> Any:
        """What the address says of `name`; None where it says nothing that is known."""
        self.is_valid()
        return self.cleaned_data.get(name) or None


class CourseFilterForm(FilterForm):
    """Location, treatment, practitioner and state of the courses."""

    treatment = forms.ModelChoiceField(
        Treatment.objects.all(),
        to_field_name="code",
        required=False,
        label=_("Treatment"),
        empty_label=_("All treatments"),
    )
    practitioner = forms.ModelChoiceField(
        Practitioner.objects.all(),
        required=False,
        label=_("Practitioner"),
        empty_label=_("All practitioners"),
    )
    state = forms.ChoiceField(
        choices=CourseState, required=False, widget=forms.HiddenInput
    )

    def filters(self) -> Filters:
        """The courses to look at."""
        state = self.chosen("state")
        return Filters(
            location=self.chosen("location"),
            treatment=self.chosen("treatment"),
            practitioner=self.chosen("practitioner"),
            state=CourseState(state) if state else None,
        )


class ConfirmationFilterForm(FilterForm):
    """How many days ahead, and where."""

    days = forms.TypedChoiceField(
        choices=[(str(days), days) for days in confirmations.DAYS],
        coerce=int,
        required=False,
        widget=forms.HiddenInput,
    )

    def ahead(self) -> int:
        """For how many days after today; 3 where the address says nothing."""
        return self.chosen("days") or confirmations.USUAL_DAYS


class RequestFilterForm(FilterForm):
    """The state of requests, where, and for which doctor."""

    doctor = forms.ModelChoiceField(
        Practitioner.objects.all(),
        required=False,
        label=_("Doctor"),
        empty_label=_("Any doctor"),
    )
    clinician = forms.ChoiceField(required=False, label=_("Assigned to"))
    state = forms.ChoiceField(
        choices=RequestStatus, required=False, widget=forms.HiddenInput
    )

    def __init__(self, data: Mapping[str, Any], user: User) -> None:
        super().__init__(data)
        people = Practitioner.objects.filter(is_active=True)
        self.people = {str(one.pk): one for one in people}
        mine = next((one for one in people if one.user_id == user.pk), None)
        if mine:
            self.people[MINE] = mine
        own = [(MINE, _("Assigned to me"))] if mine else []
        names = [(str(one.pk), one.name) for one in people if one != mine]
        field = cast(forms.ChoiceField, self.fields["clinician"])
        anybody, nobody = ("", _("Assigned to anyone")), (NOBODY, _("Not assigned"))
        field.choices = [anybody, *own, nobody, *names]

    def wanted(self) -> Wanted:
        """The requests to look at."""
        state, whose = self.chosen("state"), self.chosen("clinician")
        return Wanted(
            status=RequestStatus(state) if state else None,
            location=self.chosen("location"),
            doctor=self.chosen("doctor"),
            clinician=self.people.get(whose or ""),
            unassigned=whose == NOBODY,
        )


class RequestForm(forms.ModelForm):  # type: ignore[type-arg]
    """What somebody asks for on the phone: in their words, where, with whom."""

    class Meta:
        model = ConsultationRequest
        fields = ["words", "location", "doctor"]
        labels = {
            "words": _("In their own words"),
            "location": _("Location"),
            "doctor": _("Doctor"),
        }
        widgets = {"words": forms.Textarea({"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location"] = forms.ModelChoiceField(
            Location.objects.filter(is_active=True),
            required=False,
            label=_("Location"),
            empty_label=_("Either will do"),
        )
        self.fields["doctor"] = forms.ModelChoiceField(
            Practitioner.objects.filter(is_active=True, skills__contains=["consult"]),
            required=False,
            label=_("Doctor"),
            empty_label=_("Anybody"),
        )
        self.fields["words"].required = True

    def wishes(self) -> dict[str, Any]:
        """What was typed, as fields of ConsultationRequest."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class CloseRequestForm(forms.Form):
    """Why a request is closed without a consultation."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        error_messages={"required": _("Say why: the reason is kept with the request.")},
    )


class CallerForm(NewPatientForm):
    """Somebody new on the phone, with no treatment in mind yet."""

    treatment = None  # type: ignore[assignment]
