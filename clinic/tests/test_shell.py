"""The shell: who sees which places, and the pages that show when something is wrong."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import ResolverMatch

from clinic import context


class Person:
    """Someone signed in who holds exactly these permissions."""

    is_authenticated = True
    initials, email = "CB", "chantal@example.org"

    def __init__(self, *permissions: str) -> None:
        self.permissions = permissions

    def has_perm(self, name: str) -> bool:
        return name in self.permissions

    def get_full_name(self) -> str:
        return "Chantal Boyer"


@pytest.fixture(autouse=True)
def site_with_every_place(monkeypatch):
    places = {
        place.view: f"/{place.view.replace(':', '/')}/" for place in context.PLACES
    }
    monkeypatch.setattr(context, "_href", lambda view: places.get(view, ""))
    return places


def request_by(person: object, view: str = "") -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = person
    namespace, _, name = view.rpartition(":")
    match = ResolverMatch(
        print, (), {}, name or None, namespaces=[namespace] if namespace else None
    )
    request.resolver_match = match
    return request


def labels(person: object) -> list[str]:
    return [str(item.label) for item in context.shell(request_by(person))["nav"]()]


def current(view: str) -> dict[str, str]:
    everyone = Person(*(place.permission for place in context.PLACES))
    items = context.shell(request_by(everyone, view))["nav"]()
    return {str(item.label): item.current for item in items if item.current}


def test_someone_who_may_see_the_day_and_patients_sees_only_those():
    person = Person("bookings.view_appointment", "bookings.view_patient")

    assert labels(person) == ["Diary", "Patients"]


def test_review_is_shown_to_those_who_may_sign_plans_and_to_no_one_else():
    assert labels(Person("bookings.review_treatmentplan")) == ["Review"]
    assert "Review" not in labels(Person("bookings.view_treatmentplan"))


def test_a_stranger_sees_no_places():
    assert labels(AnonymousUser()) == []


def test_a_place_this_site_does_not_have_is_left_out(site_with_every_place):
    del site_with_every_place["desk:messages"]
    person = Person("bookings.view_message", "bookings.view_patient")

    assert labels(person) == ["Patients"]


def test_a_place_is_current_on_its_own_page_and_on_the_pages_below_it():
    assert current("desk:patients") == {"Patients": "page"}
    assert current("desk:patient") == {"Patients": "true"}
    assert current("desk:series-propose") == {"Series": "true"}
    assert current("account_login") == {}


def test_the_navigation_marks_its_current_link_for_screen_readers():
    page = render_to_string(
        "desk/base.html",
        {},
        request_by(Person("bookings.view_patient"), "desk:patients"),
    )

    assert 'href="/desk/patients/" class="active" aria-current="page"' in page
    assert "Review" not in page


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_an_error_page_needs_no_context_and_says_what_to_do(name):
    page = render_to_string(f"{name}.html")

    assert "<h1>" in page
    assert '<a class="btn btn-outline" href="/">Go to the start</a>' in page


def test_an_address_that_leads_nowhere_answers_404_in_our_words(client):
    answer = client.get("/no/such/page/")

    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


@pytest.mark.django_db
def test_the_sign_in_page_offers_no_sign_up(client):
    answer = client.get("/accounts/login/")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="login"' in page
    assert 'name="password"' in page
    assert "signup" not in page


@pytest.mark.django_db
def test_a_refused_sign_in_names_what_is_missing_with_a_link_to_it(client):
    page = client.post(
        "/accounts/login/", {"login": "desk@example.org"}
    ).content.decode()

    assert 'class="cd-errors"' in page
    assert '<a href="#id_password">' in page


@pytest.mark.django_db
def test_no_page_of_the_shell_carries_inline_script_or_style(client):
    page = client.get("/accounts/login/").content.decode()

    assert "style=" not in page
    assert "<style" not in page
    assert "onclick" not in page
