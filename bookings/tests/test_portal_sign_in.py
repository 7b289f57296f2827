"""Into the portal: by code, by link, and never as staff."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings.models import Patient
from bookings.services import links, patients
from bookings.services.portal import accounts, doorbell, signing_in
from bookings.tests.conftest import signed_in
from bookings.tests.factories import make_patient, make_practitioner, make_user
from bookings.tests.portal import code_in, link_in, newest, signed_in_as
from bookings.tests.portal import worker as worker
from bookings.urls import desk, review
from clinic.models import User
from clinic.roles import CLINICIAN, FRONT_DESK

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker")]


def freeze_time(moment):
    return patch("django.utils.timezone.now", return_value=moment)


def ask(client, email="ada@example.org", **more):
    return client.post("/my/sign-in/", {"email": email, **more})


def type_code(client, code):
    return client.post("/my/sign-in/code/", {"code": code})


# --- By code ----------------------------------------------------------------------------


def test_a_patient_signs_in_with_the_code(client):
    ada = make_patient()
    ask(client)

    answer = type_code(client, code_in(newest()))

    assert answer.url == "/my/"
    assert client.get("/my/").status_code == 200
    ada.refresh_from_db()
    assert ada.user.email == "ada@example.org"
    assert not ada.user.has_usable_password()
    assert client.session.get_expiry_age() <= settings.PORTAL_SESSION_HOURS * 3600


def test_a_code_is_good_with_or_without_its_space_and_only_once(client):
    make_patient()
    ask(client)
    code = code_in(newest()).replace(" ", "")

    assert type_code(client, code).status_code == 302
    client.post("/my/sign-out/")
    assert type_code(client, code).url == "/my/sign-in/"


def test_a_code_of_another_browser_opens_nothing(client):
    make_patient()
    ask(client)
    other = Client()
    ask(other)

    assert type_code(other, code_in(mail.outbox[0])).status_code == 422


def test_a_code_is_good_for_fifteen_minutes(client):
    make_patient()
    began = timezone.now()
    for late, status in ((timedelta(minutes=14, seconds=59), 302), (None, 422)):
        with freeze_time(began):
            ask(client)
        with freeze_time(began + (late or timedelta(minutes=15, seconds=1))):
            assert type_code(client, code_in(newest())).status_code == status


def test_five_wrong_codes_end_the_right_one(client):
    make_patient()
    ask(client)
    for _turn in range(signing_in.TRIES):
        answer = type_code(client, "0000 0000")
        assert answer.status_code == 422

    answer = type_code(client, code_in(newest()))

    assert answer.status_code == 422
    assert b"Ask for a new one" in answer.content


def test_after_signing_in_one_lands_where_one_wanted_in_ones_own_language(client):
    make_patient(language="fr")
    ask(client, next="/my/messages/")

    assert type_code(client, code_in(newest())).url == "/fr/my/messages/"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "x:y"]
)
def test_nobody_is_sent_to_another_site(client, elsewhere):
    make_patient()
    ask(client, next=elsewhere)

    assert type_code(client, code_in(newest())).url == "/my/"
    assert "evil" not in newest().body


# --- By link ----------------------------------------------------------------------------


def test_a_link_shows_a_button_and_signs_in_once_on_any_device(client):
    make_patient()
    ask(client)
    link = link_in(newest())
    phone = Client()

    for _scanner in range(3):  # a mail scanner follows links
        assert b"Open my plan" in Client().get(link).content
    assert phone.post(link).url == "/my/"
    assert phone.get("/my/").status_code == 200
    assert Client().get(link).status_code == 404
    assert Client().post(link).status_code == 404


def test_signing_in_by_code_uses_up_the_link_too(client):
    make_patient()
    ask(client)
    type_code(client, code_in(newest()))

    assert Client().get(link_in(newest())).status_code == 404


def test_a_link_is_good_for_fifteen_minutes(client):
    make_patient()
    began = timezone.now()
    with freeze_time(began):
        ask(client)
    link = link_in(newest())

    with freeze_time(began + timedelta(minutes=14)):
        assert client.get(link).status_code == 200
    with freeze_time(began + timedelta(minutes=16)):
        assert client.get(link).status_code == 404


def test_a_link_leads_on_to_where_one_wanted(client):
    make_patient()
    ask(client, next="/my/messages/")
    link = link_in(newest())

    assert b'value="/my/messages/"' in client.get(link).content
    assert client.post(link).url == "/my/messages/"


def test_wrong_old_used_and_foreign_links_look_the_same(client):
    ada, eve = make_patient(), make_patient(email="eve@example.org")
    now = timezone.now()
    make = links.token
    used = make(links.Purpose.SIGN_IN, ada, now=now)
    client.post(f"/my/sign-in/{used}/")
    old = make(links.Purpose.SIGN_IN, eve, now=now - timedelta(hours=1))
    calendar = make(links.Purpose.CALENDAR, eve, now=now)

    pages = {
        Client().get(f"/my/sign-in/{token}/").content
        for token in (used, old, calendar, "nonsense", "1.a.b", f"{eve.pk}.x.y")
    }

    assert len({page.split(b"<main")[1] for page in pages}) == 1


def test_a_new_key_or_address_ends_the_link(client):
    ada = make_patient()
    ask(client)
    link = link_in(newest())
    accounts.end_links(ada)

    assert client.get(link).status_code == 404


# --- Known or not -------------------------------------------------------------------------


def test_known_and_unknown_addresses_get_the_same_answers(worker):
    make_patient()
    pages = []
    for email in ("ada@example.org", "who@example.org"):
        client = Client()
        asked = ask(client, email)
        shown = client.get(asked.url)
        wrong = type_code(client, "1234 5678")
        pages.append(
            [
                asked.status_code,
                asked.url,
                len(client.cookies),
                *(body_of(page).replace(email, "…") for page in (shown, wrong)),
            ]
        )

    assert pages[0] == pages[1]
    assert worker == ["send_sign_in"] * 2
    assert [letter.to for letter in mail.outbox] == [["ada@example.org"]]


def body_of(answer):
    text = answer.content.decode().split("<main")[1]
    return "\n".join(line for line in text.splitlines() if "csrf" not in line)


def test_the_page_looks_nothing_up(client, count_queries):
    assert count_queries(client, "/my/sign-in/") == 0


def test_an_address_is_written_to_five_times_an_hour_known_or_not(client):
    make_patient()
    for email in ("ada@example.org", "who@example.org"):
        answers = [ask(client, email).status_code for _turn in range(6)]
        assert answers == [302] * 5 + [429]


def test_without_a_broker_the_page_says_so(client, monkeypatch):
    def nobody(task, **about):
        raise doorbell.NobodyThere

    monkeypatch.setattr(doorbell, "ring", nobody)

    assert b"cannot send e-mail" in ask(client).content


def test_what_is_no_address_is_refused_with_what_was_typed(client):
    answer = ask(client, "ada@")

    assert answer.status_code == 422
    assert b'value="ada@"' in answer.content


# --- Never as staff -------------------------------------------------------------------------


def staff_accounts():
    yield make_user(FRONT_DESK, email="desk1@example.org")
    yield make_user(CLINICIAN, email="doctor1@example.org")
    yield make_user(email="flag@example.org", is_staff=True)
    yield make_user(email="root@example.org", is_superuser=True)
    doctor = make_user(email="only@example.org")
    make_practitioner(user=doctor)
    yield doctor


def test_nothing_is_sent_to_staff_who_are_no_patients(client):
    for user in staff_accounts():
        assert ask(client, user.email).status_code == 302

    assert mail.outbox == []


def test_staff_who_are_patients_sign_in_as_patients_without_any_power(client):
    for user in staff_accounts():
        patient = make_patient(email=user.email)
        ask(client, user.email)
        type_code(client, code_in(newest()))

        opened = User.objects.get(pk=client.session["_auth_user_id"])
        patient.refresh_from_db()
        assert patient.user == opened != user
        assert client.get("/desk/day/").status_code == 403


def test_a_patient_who_becomes_staff_meanwhile_is_signed_out(client):
    ada = make_patient()
    client = signed_in_as(ada)
    ada.refresh_from_db()
    ada.user.is_staff = True
    ada.user.save()

    assert client.get("/my/").status_code == 302


def test_a_closed_account_is_not_opened(client):
    ada = make_patient()
    account = accounts.account_of(ada)
    ask(client)
    User.objects.filter(pk=account.pk).update(is_active=False)

    assert type_code(client, code_in(newest())).status_code == 422
    sent = len(mail.outbox)
    ask(client)
    assert len(mail.outbox) == sent


def pages_of(module, namespace):
    for pattern in module.urlpatterns:
        if not pattern.pattern.converters:
            yield reverse(f"{namespace}:{pattern.name}")


def test_a_signed_in_patient_opens_no_page_of_the_staff():
    client = signed_in_as(make_patient())
    addresses = [*pages_of(desk, "desk"), *pages_of(review, "review"), "/admin/"]

    opened = [one for one in addresses if client.get(one).status_code == 200]

    assert len(addresses) > 20
    assert opened == []


def test_staff_without_patients_are_asked_to_sign_in(as_desk):
    assert as_desk.get("/my/").url == "/my/sign-in/?next=/my/"


def test_after_their_password_patients_go_to_their_plan_and_staff_to_work(client):
    ada = make_patient(language="fr")
    patient = accounts.account_of(ada)
    for user, home in ((patient, "/fr/my/"), (make_user(FRONT_DESK), "/desk/")):
        user.set_password("larkspur-quarry")
        user.save()
        typed = {"login": user.email, "password": "larkspur-quarry"}
        assert Client().post("/accounts/login/", typed).url == home


# --- Doors ----------------------------------------------------------------------------------

OWN = [
    "/my/",
    "/my/messages/",
    "/my/messages/1/",
    "/my/messages/1/page/",
    "/my/account/",
    "/my/account/details/",
    "/my/account/e-mail/",
    "/my/account/e-mail/code/",
    "/my/account/away/",
    "/my/account/everywhere/",
    "/my/export/",
    "/my/export/?as=json",
    "/my/visits/0001-2.ics",
]


@pytest.mark.parametrize("address", OWN)
def test_a_stranger_is_led_to_sign_in_by_every_page(client, as_stranger, address):
    for browser in (client, as_stranger):
        answer = browser.get(address)
        assert answer.status_code == 302
        assert answer.url.startswith("/my/sign-in/?next=/my/")


@pytest.mark.parametrize(
    "address",
    ["/my/account/letters/", "/my/account/away/1/", "/my/account/calendar/"],
)
def test_a_stranger_changes_nothing(client, address):
    assert client.post(address).url == "/my/sign-in/"
    assert client.get(address).status_code in (302, 405)


def test_pages_of_ones_own_are_kept_by_no_browser():
    client = signed_in_as(make_patient())

    assert "no-store" in client.get("/my/account/")["Cache-Control"]


# --- Several people, other mailboxes ------------------------------------------------------------


def test_of_several_people_one_is_chosen(client):
    ada, byron = make_patient(), make_patient(first_name="Byron", language="fr")
    client = signed_in_as(ada)

    assert client.get("/my/account/").url == "/my/who/?next=/my/account/"
    page = client.get("/my/who/").content.decode()
    assert "Ada Lovelace" in page
    assert "Byron Lovelace" in page
    answer = client.post("/my/who/", {"patient": byron.pk, "next": "/my/account/"})
    assert answer.url == "/fr/my/account/"
    assert "Byron" in client.get("/my/account/").content.decode()


def test_nobody_else_can_be_chosen(client):
    ada = make_patient()
    make_patient(first_name="Byron")
    eve = make_patient(email="eve@example.org")
    client = signed_in_as(ada)

    for wanted in (eve.pk, "x", "", 10**20):
        assert client.post("/my/who/", {"patient": wanted}).status_code == 404


def test_a_new_address_at_the_desk_shuts_the_old_mailbox_out(desk):
    ada = make_patient()
    client = signed_in_as(ada)
    ada.refresh_from_db()
    key = ada.link_key

    patients.change(ada, actor=desk, now=timezone.now(), email="new@example.org")

    ada.refresh_from_db()
    assert (ada.user, ada.link_key != key) == (None, True)
    assert client.get("/my/account/").status_code == 302
    assert signed_in_as(ada).get("/my/account/").status_code == 200


def test_the_same_address_in_other_letters_changes_nothing(desk):
    ada = make_patient()
    account = accounts.account_of(ada)

    patients.change(ada, actor=desk, now=timezone.now(), email="Ada@Example.org")

    ada.refresh_from_db()
    assert ada.user == account


def test_signing_in_takes_up_who_came_and_lets_go_who_left_the_mailbox():
    ada, byron = make_patient(), make_patient(first_name="Byron")
    account = accounts.opened_by("ada@example.org")
    Patient.objects.filter(pk=byron.pk).update(email="byron@example.org")
    clara = make_patient(first_name="Clara", email="ADA@example.org")

    accounts.opened_by("ada@example.org")

    assert set(account.patients.all()) == {ada, clara}


def test_an_account_is_made_once_for_a_mailbox_and_for_nobody_elses():
    ada, byron = make_patient(), make_patient(first_name="Byron")

    assert accounts.account_of(ada) == accounts.account_of(byron)
    assert User.objects.count() == 1


def test_a_patient_without_email_acts_under_an_address_no_mail_reaches():
    ada = make_patient(email="", phone="+16135550101")

    account = accounts.account_of(ada)

    assert account.email == f"patient-{ada.pk}@{accounts.NOWHERE}"
    assert accounts.sign_in_candidates("") == []
    assert accounts.opened_by("") is None


def test_a_link_never_acts_as_staff_even_where_a_record_names_their_account():
    desk = make_user(FRONT_DESK)
    ada = make_patient(email=desk.email, user=desk)

    assert accounts.account_of(ada) != desk


def test_signing_out_everywhere_ends_sessions_and_links():
    ada = make_patient()
    here, there = signed_in_as(ada), signed_in_as(ada)
    key = Patient.objects.get(pk=ada.pk).link_key

    assert b"Sign out everywhere" in here.get("/my/account/everywhere/").content
    assert here.post("/my/account/everywhere/").url == "/my/sign-in/"
    assert there.get("/my/").status_code == 302
    assert Patient.objects.get(pk=ada.pk).link_key != key


def test_signing_out_everywhere_ends_sessions_of_a_password_too():
    ada = make_patient()
    account = accounts.account_of(ada)
    account.set_password("larkspur-quarry")
    account.save()
    here, there, staff = signed_in(account), signed_in(account), signed_in(make_user())

    here.post("/my/account/everywhere/")

    assert there.get("/my/").status_code == 302
    assert "_auth_user_id" in staff.session
    account.refresh_from_db()
    assert account.check_password("larkspur-quarry")
