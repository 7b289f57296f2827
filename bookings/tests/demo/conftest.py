"""The demo clinic, loaded once for all tests of this package."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction

from bookings.services.demo import loader
from bookings.tests.demo.rows import EVENING, MORNING, digest


def pytest_collection_modifyitems(items):
    """One worker runs them all: each that did would load the demo anew."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("demo"))


@pytest.fixture(scope="package")
def clinic(django_db_setup, django_db_blocker):
    """The demo as loaded in the morning, and a digest of a load in the evening."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_catalogue", stdout=StringIO())
        undo = transaction.savepoint()
        loader.load(now=EVENING)
        evening = digest()
        transaction.savepoint_rollback(undo)
        loader.load(now=MORNING)
        yield evening
        transaction.set_rollback(True)


@pytest.fixture
def demo(clinic, db):
    """The demo clinic in the database; the digest of the other load of that day."""
    return clinic
