"""A word to the clinicians' mailbox that somebody waits: a link, and nothing of health."""

import logging

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from bookings.services.holding_back import DESK
from bookings.services.portal import doorbell

logger = logging.getLogger(__name__)


def tell() -> None:
    """Have a worker write to the clinicians once what is being written is written.

    Where no worker can be rung it is left out: the alert itself is a row.
    """
    transaction.on_commit(_ring, robust=True)


def send() -> None:
    """Write to the clinic's address that an alert waits, in the language of staff."""
    with translation.override(DESK):
        words = {
            "clinic_name": settings.CLINIC_NAME,
            "link": f"{settings.SITE_URL}{reverse('review:alerts')}",
        }
        folder = "messages/staff/reaction"
        EmailMessage(
            subject=" ".join(render_to_string(f"{folder}.subject.txt", words).split()),
            body=render_to_string(f"{folder}.txt", words),
            to=[settings.CLINIC_EMAIL],
            headers={"Auto-Submitted": "auto-generated"},
        ).send()


def _ring() -> None:
    try:
        doorbell.ring("tell_clinicians")
    except doorbell.NobodyThere:
        logger.warning("The clinicians' mailbox was not told of an alert")
