"""Somebody who looks at their own pages, and the letters that let them in."""

import re

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client

from bookings import tasks
from bookings.models import Patient
from bookings.services.portal import accounts, doorbell
from clinic.backends import MAILBOX


def signed_in_as(*patients: Patient) -> Client:
    """A browser in which the mailbox of these patients was shown to be theirs."""
    client = Client()
    client.force_login(accounts.opened_by(patients[0].email), backend=MAILBOX)
    return client


def code_in(letter) -> str:
    return re.search(r"\d{4} \d{4}", letter.body).group()


def link_in(letter) -> str:
    """The path of the first link of a letter."""
    return (
        re.search(r"https?://\S+", letter.body).group().removeprefix(settings.SITE_URL)
    )


def newest():
    return mail.outbox[-1]


@pytest.fixture
def worker(monkeypatch):
    """Letters leave at once, and nobody has asked too often yet."""
    cache.clear()
    rung = []

    def ring(task, **about):
        rung.append(task)
        getattr(tasks, task)(**about)

    monkeypatch.setattr(doorbell, "ring", ring)
    return rung
