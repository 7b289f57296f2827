"""Into the portal: by code, by link, and never as staff."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core import mail
from django.test import Client
from django.utils import timezone

from bookings import tasks
from bookings.models import Patient
from bookings.services import links
from bookings.services.portal import accounts, doorbell
from bookings.tests.factories import make_patient, make_user
from clinic.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def worker(monkeypatch):
    """Letters leave at once, and nobody has asked too often yet."""
    cache.clear()
    rung = []

    def ring(task, **about):
        rung.append(task)
        getattr(tasks, task)(**about)

    monkeypatch.setattr(doorbell, "ring", ring)
    return rung


def ask(client, email="ada@example.org", **more):
    return client.post("/my/sign-in/", {"email": email, **more})


def code_in(letter):
    return re.search(r"\d{4} \d{4}", letter.body).group()


def link_in(letter):
    return re.search(r"http://\S+", letter.body).group().split("localhost:8000")[1]


def test_a_patient_signs_in_with_the_code(client):
    ada = make_patient()
    ask(client)

    answer = client.post("/my/sign-in/code/", {"code": code_in(mail.outbox[0])})

    assert answer.url == "/my/"
    assert client.get("/my/").status_code == 200
    assert Patient.objects.get(pk=ada.pk).user.email == "ada@example.org"


def test_a_patient_signs_in_with_the_link(client):
    make_patient()
    ask(client)
    other = Client()
    link = link_in(mail.outbox[0])

    assert b"Open my plan" in other.get(link).content
    assert other.post(link).url == "/my/"
    assert other.get("/my/").status_code == 200
    assert Client().get(link).status_code == 404
