"""A patient whose series is over asks for a time: a wish on the desk's list, once."""

from datetime import datetime

from django.utils.translation import gettext as _

from bookings.models import Task, TaskKind, TreatmentPlan
from bookings.services import todo
from bookings.services.messages import recall_letters
from bookings.services.portal.asking import Wish, when_words
from bookings.services.portal.selfservice import acting


def open_wish(plan: TreatmentPlan) -> Task | None:
    """The wish for another session that the desk has not answered yet."""
    key = f"{TaskKind.ASKS}:{_key(plan)}"
    return Task.objects.open().filter(key=key).first()


def is_booked(plan: TreatmentPlan, *, now: datetime) -> bool:
    """Whether there is nothing to ask any more: something of the kind is booked."""
    return recall_letters.coming(plan, now).exists()


def ask(plan: TreatmentPlan, wish: Wish, *, now: datetime) -> Task | None:
    """Put the wish on the desk's list, unless one is there; None where it is booked."""
    with acting(plan.patient):
        if is_booked(plan, now=now):
            return None
        about = {"patient": plan.patient, "plan": plan}
        todo.open_task(TaskKind.ASKS, _key(plan), _told(plan, wish), now=now, **about)
        return open_wish(plan)


def _key(plan: TreatmentPlan) -> str:
    return f"recall:{plan.pk}"


def _told(plan: TreatmentPlan, wish: Wish) -> str:
    """The wish as the desk reads it."""
    words = _("%(patient)s asks for another session of %(treatment)s.") % {
        "patient": plan.patient,
        "treatment": plan.protocol.treatment,
    }
    parts = [words, *when_words(wish)]
    if wish.words:
        parts.append(f"“{' '.join(wish.words.split())}”")
    return " ".join(parts)
