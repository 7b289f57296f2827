"""Actors: who is at the door, and a browser signed in as each."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.tests.factories import make_user
from clinic.models import User
from clinic.roles import CLINICIAN, FRONT_DESK, MANAGER


@pytest.fixture
def desk(db) -> User:
    return make_user(FRONT_DESK, first_name="Camille", last_name="Bouchard")


@pytest.fixture
def clinician(db) -> User:
    return make_user(CLINICIAN, first_name="Adaeze", last_name="Okafor")


@pytest.fixture
def manager(db) -> User:
    return make_user(MANAGER, first_name="Mei", last_name="Tan")


@pytest.fixture
def stranger(db) -> User:
    """Somebody who may sign in and do nothing."""
    return make_user()


@pytest.fixture
def as_desk(desk) -> Client:
    return signed_in(desk)


@pytest.fixture
def as_clinician(clinician) -> Client:
    return signed_in(clinician)


@pytest.fixture
def as_manager(manager) -> Client:
    return signed_in(manager)


@pytest.fixture
def as_stranger(stranger) -> Client:
    return signed_in(stranger)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def count_queries() -> Callable[[Client, str], int]:
    """How many queries it costs `client` to open `address`."""

    def count(client: Client, address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return len(queries)

    return count
