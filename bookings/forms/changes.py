"""What may happen to an appointment: done, late, missed, cancelled, noted."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.forms.series import DayField, is_skipped
from bookings.models import Appointment
from clinic.stale import StaleAwareForm

LONGEST_DELAY = 240


class NotifyField(forms.BooleanField):
    """Whether the patient gets a letter about a change; yes unless somebody unticks."""

    def __init__(self) -> None:
        label = _("Tell the patient by e-mail")
        super().__init__(label=label, required=False, initial=True)


class PlainForm(forms.Form):
    """A step that asks nothing."""


class NoteForm(StaleAwareForm):
    """What the desk should know; another's note is not overwritten unseen."""

    prefix = "note"

    class Meta:
        model = Appointment
        fields = ["note"]
        labels = {"note": _("Note for the desk")}


class CancelForm(forms.Form):
    """Why the patient does not come. The reason stays in the history."""

    prefix = "cancel"
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        error_messages={"required": _("Say why: the reason is kept in the history.")},
    )
    notify = NotifyField()


class NoShowForm(forms.Form):
    """A patient who did not come, and what is known about it."""

    prefix = "no-show"
    reason = forms.CharField(label=_("Note"), max_length=200, required=False)


class LateForm(forms.Form):
    """How many minutes after the planned start the patient arrives."""

    prefix = "late"
    minutes = forms.IntegerField(
        label=_("Minutes late"), min_value=1, max_value=LONGEST_DELAY
    )


class DoneForm(forms.Form):
    """When the session really ended: local day and time at its location."""

    prefix = "done"
    day = DayField(label=_("Performed on"))
    time = forms.TimeField(
        label=_("Ended at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )

    def __init__(self, data: Any = None, *, visit: Appointment, now: datetime) -> None:
        self.zone = visit.location.zone
        end = min(visit.local_end, now.astimezone(self.zone))
        super().__init__(data, initial={"day": end.date(), "time": end.time()})

    def clean(self) -> dict[str, Any]:
        """Both fields as one instant, `performed_at`, and nothing else."""
        data = super().clean() or self.cleaned_data
        if not {"day", "time"} <= set(data):
            return data
        at = datetime.combine(data["day"], data["time"], self.zone)
        if is_skipped(at):
            self.add_error("time", _("The clocks skip that time on that day."))
        return {"performed_at": at}
