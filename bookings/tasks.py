"""Celery's way in: each task asks a service to do one thing, and holds no rules."""

from celery import shared_task
from django.utils import timezone

from bookings.models import Patient
from bookings.services import waiting
from bookings.services.holding import holds
from bookings.services.messages import outbox
from bookings.services.missing import displaced, outages, stranded
from bookings.services.outcomes import sweeping
from bookings.services.portal import signing_in
from bookings.services.reacting import following, telling
from bookings.services.recording import owing
from bookings.services.setup import effects
from bookings.services.triage import unanswered


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def send_due_messages() -> None:
    """Run by beat each minute. A lost ring loses nothing: the queue is a table."""
    outbox.send_due(clock=timezone.now)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def let_go_of_holds() -> None:
    """Run by beat each minute: end what nobody confirmed in time."""
    holds.expire_overdue(now=timezone.now())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def offer_free_times() -> None:
    """Run by beat each minute: end old offers, then make new ones to who waits."""
    now = timezone.now()
    waiting.lapse_overdue(now=now)
    waiting.close_settled(now=now)
    waiting.match(now=now)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def keep_up_with_outages() -> None:
    """Run by beat each minute: claims and tasks follow diary and set-up."""
    now = timezone.now()
    outages.reconcile(now=now)
    stranded.reconcile(now=now)
    effects.catch_up(now=now)
    displaced.reconcile(now=now)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def look_after_requests() -> None:
    """Run by beat each minute: tell the desk of requests that nobody answered in time."""
    unanswered.reconcile(now=timezone.now())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def look_after_results() -> None:
    """Run by beat each minute: results that come due, recalls that are not needed."""
    sweeping.reconcile(now=timezone.now())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def look_after_reactions() -> None:
    """Run by beat each minute: ask clinicians to look again at what is due."""
    following.reconcile(now=timezone.now())


@shared_task(ignore_result=True, autoretry_for=(OSError,), retry_backoff=5)  # type: ignore[untyped-decorator]
def tell_clinicians() -> None:
    """Rung once a worry or a severe reaction is kept: their mailbox gets a link."""
    telling.send()


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def ask_for_records() -> None:
    """Run by beat: tell clinicians of sessions that nobody recorded in time."""
    owing.reconcile(now=timezone.now())


@shared_task(ignore_result=True, autoretry_for=(OSError,), retry_backoff=5)  # type: ignore[untyped-decorator]
def send_sign_in(email: str, nonce: str, next: str = "") -> None:
    """Rung by the sign-in page for any address: a patient's gets a letter."""
    signing_in.send(email, nonce, next=next, now=timezone.now())


@shared_task(ignore_result=True, autoretry_for=(OSError,), retry_backoff=5)  # type: ignore[untyped-decorator]
def send_new_address(patient_id: int, email: str, nonce: str) -> None:
    """Rung by the account page: the code that shows the new mailbox is the patient's."""
    signing_in.send_new_address(Patient.objects.get(pk=patient_id), email, nonce)


@shared_task(ignore_result=True, autoretry_for=(OSError,), retry_backoff=5)  # type: ignore[untyped-decorator]
def send_address_changed(patient_id: int, email: str) -> None:
    """Rung once letters go elsewhere: the old mailbox is told."""
    signing_in.send_address_changed(Patient.objects.get(pk=patient_id), email)
