from datetime import UTC, datetime

import pytest
from django.contrib.admin.sites import site
from django.contrib.messages.storage.fallback import FallbackStorage
from django.urls import reverse

from clinic.models import User
from treatments.models import Protocol, Source
from treatments.services import catalogue, loading
from treatments.services.catalogue_file import read

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def loaded() -> None:
    loading.load(read(loading.CATALOGUE), now=NOW)


def test_at_first_nobody_has_vouched_for_anything_and_our_own_defaults_come_first():
    waiting = catalogue.unconfirmed()

    own = [line.is_clinic_default for line in waiting]
    assert own == sorted(own, reverse=True)
    assert {line.treatment.code for line in waiting} == {
        "microneedling",
        "microneedling-prp",
        "microneedling-rf",
        "microneedling-rf-prp",
        "scar-roller",
    }


def test_the_values_that_no_document_states_are_all_on_the_list():
    own = {
        (line.what, line.value)
        for line in catalogue.unconfirmed()
        if line.is_clinic_default and line.treatment.code == "microneedling"
    }

    assert own == {
        ("ideal days between sessions", "49"),
        ("passes", "2 to 8"),
        ("phase: Numbing", "30 minutes: room"),
        ("phase: Needling", "30 minutes: operator, room, device, supervisor"),
        ("phase: Turnover", "10 minutes: room, device"),
        ("role: operator", "Practitioner: needling"),
        ("role: room", "Room: treatment"),
        (
            "effect: alarm-signs",
            "Redness that spreads, pus, fever, blisters or pain that gets worse: "
            "tell us at once, a clinician will look.",
        ),
        (
            "fact: recorded",
            "Recorded at each session: device, needle depth by area, passes, "
            "anaesthetic, endpoint and reactions.",
        ),
    }


def test_what_is_approved_leaves_the_list(director):
    protocol = Protocol.objects.get(treatment__code="scar-roller")
    before = catalogue.unconfirmed()

    count = catalogue.approve(protocol, actor=director, now=NOW)

    after = catalogue.unconfirmed()
    assert after == [line for line in before if line.treatment.code != "scar-roller"]
    assert count == 1 + sum(
        part.objects.filter(protocol=protocol, approved_by=director).count()
        for part in catalogue.PARTS.values()
    )


def test_approving_twice_keeps_the_first_name(director):
    protocol = Protocol.objects.get(treatment__code="scar-roller")
    catalogue.approve(protocol, actor=director, now=NOW)
    other = User.objects.create_user(email="other@example.org", password="a fine one")

    assert catalogue.approve(protocol, actor=other, now=NOW) == 0

    protocol.refresh_from_db()
    assert protocol.approved_by == director


def test_every_value_of_the_catalogue_says_where_it_comes_from():
    sources = {line.source for line in catalogue.unconfirmed()}

    assert sources <= set(Source.values)
    assert Source.CLINIC in sources


def test_the_list_takes_as_many_queries_for_five_treatments_as_for_one(
    django_assert_max_num_queries,
):
    with django_assert_max_num_queries(9):
        catalogue.unconfirmed()


# --- The admin -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "model", ["concern", "bodyarea", "modality", "treatment", "protocol"]
)
def test_the_admin_shows_the_catalogue_and_changes_nothing(admin_client, model):
    listed = admin_client.get(reverse(f"admin:treatments_{model}_changelist"))
    added = admin_client.get(reverse(f"admin:treatments_{model}_add"))

    assert (listed.status_code, added.status_code) == (200, 403)


def test_the_admin_shows_a_protocol_with_its_rows(admin_client):
    protocol = Protocol.objects.get(treatment__code="microneedling-prp")

    page = admin_client.get(
        reverse("admin:treatments_protocol_change", args=[protocol.pk])
    )

    assert "Blood draw and spin" in page.content.decode()


def test_who_may_approve_does_so_in_the_admin(rf, director):
    admin = site.get_model_admin(Protocol)
    request = rf.post("/")
    request.user, request.session = director, {}
    request._messages = FallbackStorage(request)
    chosen = Protocol.objects.filter(treatment__code="microneedling")

    admin.approve(request, chosen)

    assert chosen.get().approved_by == director
    assert not admin.has_approve_permission(request)
