"""A patient's papers: what is listed, what is on each, and the same as PDF."""

import logging
import re
import zlib
from datetime import timedelta
from html import unescape
from importlib import import_module

import pytest
from django.core import checks
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from bookings.models import AccessLog, PlanStatus
from bookings.services.consenting import signing
from bookings.services.portal import accounts
from bookings.tests.conftest import signed_in
from bookings.tests.consents import (
    EARLIER,
    at_the_keyboard,
    lines_of,
    make_signable,
    shown,
    signed,
)
from bookings.tests.factories import NOW, make_appointment, make_patient
from clinic import checks as own_checks
from clinic import pdf, pdf_drawings

pytestmark = pytest.mark.django_db
LIST = "/my/documents/"


@pytest.fixture(autouse=True)
def in_english():
    """Whatever the page before spoke."""
    with translation.override("en"):
        yield


@pytest.fixture
def without_pango(monkeypatch):
    """A machine on which WeasyPrint cannot open its libraries."""
    monkeypatch.setattr(pdf, "_opens", lambda names: "pango" not in names[0])
    pdf.is_available.cache_clear()
    yield
    pdf.is_available.cache_clear()


def plan_paper(plan, prefix="", form=""):
    return f"{prefix}/my/documents/plan/{plan.pk}/{form}"


def consent_paper(row, form=""):
    return f"/my/documents/consent/{row.pk}/{form}"


def words_of(page):
    """The words of a page between its tags, in order."""
    main = page.split('<main class="pr-page"')[1].partition(">")[2]
    text = re.sub(r"<[^>]+>", " ", main.split("</main>")[0])
    return " ".join(unescape(text).split())


def drawn_words(page):
    """What WeasyPrint lays out of a page, in order."""
    weasyprint = import_module("weasyprint")
    html = weasyprint.HTML(
        string=page, base_url=f"{pdf.HOST}/", url_fetcher=pdf._fetcher()
    )
    found = []
    for sheet in html.render().pages:
        for box in sheet._page_box.descendants():
            if text := getattr(box, "text", ""):
                found.append(text)
    return "".join("".join(found).split())


# --- The list -------------------------------------------------------------------------


def test_the_list_shows_what_is_due_what_is_signed_and_the_plans():
    due = make_signable()
    done = make_signable(patient=due.patient)
    row = signed(done)

    page = shown(at_the_keyboard(due.patient).get(LIST))

    assert f"/my/consents/treatment/?plan={due.pk}" in page
    assert page.count("Read and sign") == 1
    assert plan_paper(due) in page
    assert plan_paper(done) in page
    assert consent_paper(row) in page


def test_a_draft_is_not_among_the_papers():
    plan = make_signable(status=PlanStatus.DRAFT)
    browser = at_the_keyboard(plan.patient)

    assert plan_paper(plan) not in shown(browser.get(LIST))
    assert browser.get(plan_paper(plan)).status_code == 404


def test_a_consent_taken_back_stays_in_the_list_beside_what_was_signed():
    plan = make_signable()
    first = signed(plan)
    last = signing.take_back(
        plan,
        actor=accounts.account_of(plan.patient),
        now=EARLIER + timedelta(days=1),
    )

    page = shown(at_the_keyboard(plan.patient).get(LIST))

    assert consent_paper(first) in page
    assert consent_paper(last) in page
    assert "You took it back." in page


def test_the_list_costs_the_same_with_one_plan_and_with_three(count_queries):
    plan = make_signable()
    signed(plan)
    browser = at_the_keyboard(plan.patient)
    count_queries(browser, LIST)
    one = count_queries(browser, LIST)

    for _ in range(2):
        signed(make_signable(patient=plan.patient))

    assert count_queries(browser, LIST) == one


def test_the_list_speaks_french():
    plan = make_signable()
    signed(plan, "fr")

    page = shown(at_the_keyboard(plan.patient).get(f"/fr{LIST}"))

    assert "Vos consentements" in page
    assert "Signé :" in page


def test_a_look_at_the_papers_is_remembered():
    plan = make_signable()
    row = signed(plan)
    browser = at_the_keyboard(plan.patient)
    looks = AccessLog.objects.filter(patient=plan.patient)
    before = looks.count()

    for address in (LIST, plan_paper(plan), consent_paper(row)):
        browser.get(address)

    assert looks.count() == before + 3


# --- The plan -------------------------------------------------------------------------


def test_the_plan_says_what_when_where_and_who_signed():
    plan = make_signable()
    visit = make_appointment(plan=plan, number=1)
    signed(plan)

    words = words_of(
        at_the_keyboard(plan.patient).get(plan_paper(plan)).content.decode()
    )

    for said in (
        "Name Zoé Côté-Roy",
        "Treatment Medical microneedling",
        "Areas Neck",
        f"{visit.local_start.day} {visit.local_start:%B %Y}",
        "Adaeze Okafor Plan version 1, signed on Sat 21 November 2026",
        "Consent to treatment signed on",
        "One session takes about 60 minutes",
        "Your skin is pink for a day.",
        "Pus or fever.",
    ):
        assert said in words
    assert "Small scabs" not in words


def test_the_plan_is_drawn_as_a_series():
    plan = make_signable()
    browser = at_the_keyboard(plan.patient)
    assert "No session has a time yet." in shown(browser.get(plan_paper(plan)))

    make_appointment(plan=plan, number=1)

    page = shown(browser.get(plan_paper(plan)))
    assert '<svg class="rb rb-level' in page
    assert "No session has a time yet." not in page


def test_the_plan_speaks_french():
    plan = make_signable()
    make_appointment(plan=plan, number=1)

    page = at_the_keyboard(plan.patient).get(plan_paper(plan, "/fr")).content.decode()

    assert "Plan de traitement" in page
    assert "Vos séances" in page
    assert "Treatment plan" not in page


def test_a_withdrawn_plan_has_no_paper():
    plan = make_signable(status=PlanStatus.WITHDRAWN)

    assert at_the_keyboard(plan.patient).get(plan_paper(plan)).status_code == 404


# --- The consent ----------------------------------------------------------------------


def test_a_copy_has_the_words_that_were_shown_and_when_they_were_signed():
    plan = make_signable()
    row = signed(plan, name="ZOE COTE ROY")
    plan.session_count = 9
    plan.save(update_fields=["session_count"])

    page = shown(at_the_keyboard(plan.patient).get(consent_paper(row)))

    for line in lines_of(row.words):
        assert escape(line) in page
    assert "ZOE COTE ROY" in page
    assert "Signed with typed name on Mon 24 November 2025, 10:00" in page


def test_a_copy_speaks_the_language_it_was_signed_in():
    plan = make_signable()
    row = signed(plan, "fr")

    page = shown(at_the_keyboard(plan.patient).get(consent_paper(row)))

    assert '<html lang="fr">' in page
    assert "Signé par le nom tapé au clavier le" in page


# --- As PDF ---------------------------------------------------------------------------


def test_a_pdf_is_whole_tagged_and_says_its_language_and_title():
    plan = make_signable()
    make_appointment(plan=plan, number=1)

    response = at_the_keyboard(plan.patient).get(plan_paper(plan, form="?format=pdf"))

    body = response.content
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == (
        f'attachment; filename="plan-{plan.pk}.pdf"'
    )
    assert body.startswith(b"%PDF-")
    assert body.rstrip().endswith(b"%%EOF")
    inside = opened(body)
    for mark in (
        b"/MarkInfo",
        b"/StructTreeRoot",
        b"/Lang (en)",
        b"pdfuaid:part",
        b"Treatment plan",
        b"Inter",
    ):
        assert mark in inside


def opened(body):
    """The bytes of a PDF with its streams unpacked."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", body, re.DOTALL)
    found = [body]
    for stream in streams:
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(found)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_page_and_pdf_have_the_same_words(language, monkeypatch):
    plan = make_signable()
    row = signed(plan, language)
    browser = at_the_keyboard(plan.patient)
    pages = []
    monkeypatch.setattr(
        pdf, "written", lambda page, *, title: pages.append(page) or b"%PDF-"
    )

    on_screen = browser.get(consent_paper(row)).content.decode()
    browser.get(consent_paper(row, "?format=pdf"))

    [printed] = pages
    assert words_of(printed) == words_of(on_screen)
    assert "pr-bar" not in printed
    laid_out = drawn_words(printed)
    for line in lines_of(row.words)[1:]:
        assert "".join(line.split()) in laid_out


def test_a_pdf_opens_our_own_files_and_nothing_else():
    fetch = pdf._fetcher().fetch
    found = fetch(f"{pdf.HOST}/static/css/print.css")

    assert b".pr-page" in found.read()
    for address in (
        "https://example.org/style.css",
        "http://localhost/static/css/print.css",
        "file:///etc/passwd",
        f"{pdf.HOST}/media/patient-files/letter.pdf",
        f"{pdf.HOST}/static/../clinic/settings.py",
        f"{pdf.HOST}/static/%2e%2e/clinic/settings.py",
        f"{pdf.HOST}/static/no-such.css",
    ):
        with pytest.raises(ValueError, match="not one of our own files"):
            fetch(address)


def test_every_file_a_pdf_asks_for_is_there(caplog):
    plan = make_signable()
    make_appointment(plan=plan, number=1)

    with caplog.at_level(logging.ERROR, logger="weasyprint"):
        response = at_the_keyboard(plan.patient).get(
            plan_paper(plan, form="?format=pdf")
        )

    assert response.status_code == 200
    assert [line.getMessage() for line in caplog.records] == []


def test_a_drawing_gets_its_colours_as_plain_values_and_a_title():
    html = import_module("weasyprint").HTML(
        string='<svg class="rb t-prp"><path class="rb-shape"/></svg>'
    )

    pdf_drawings.dress(html.etree_element, "The series in time")

    [drawing] = html.etree_element.iter(f"{pdf_drawings.SVG}svg")
    title, style = drawing[0], drawing[1]
    assert title.text == "The series in time"
    assert "var(" not in style.text
    assert "stroke: #B0730C" in style.text  # plasma's own
    assert "paint-order" not in style.text


# --- Without Pango --------------------------------------------------------------------


def test_without_pango_papers_are_printed_from_the_page(without_pango):
    plan = make_signable()
    row = signed(plan)
    browser = at_the_keyboard(plan.patient)

    for address in (LIST, plan_paper(plan), consent_paper(row)):
        page = browser.get(address)
        assert page.status_code == 200
        assert "format=pdf" not in page.content.decode()
    assert browser.get(plan_paper(plan, form="?format=pdf")).status_code == 404


def test_without_pango_a_check_says_what_to_install(without_pango):
    [warning] = own_checks.pdfs_can_be_made(None)

    assert warning.level == checks.WARNING
    assert "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in warning.hint


def test_a_library_that_cannot_be_opened_is_said_to_be_missing(monkeypatch):
    def fail(name):
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(pdf, "import_module", fail)
    with pytest.raises(pdf.PdfUnavailableError, match="libpango"):
        pdf.written("<p>Hello</p>", title="Nothing")


def test_with_pango_there_is_a_link_and_no_warning():
    plan = make_signable()

    assert own_checks.pdfs_can_be_made(None) == []
    assert "format=pdf" in shown(at_the_keyboard(plan.patient).get(LIST))


# --- At the door ----------------------------------------------------------------------


def test_a_stranger_is_led_to_sign_in(client):
    plan = make_signable()
    row = signed(plan)

    for address in (LIST, plan_paper(plan), consent_paper(row)):
        response = client.get(address)
        assert response.status_code == 302
        assert response.url.startswith("/my/sign-in/")


@pytest.mark.parametrize("form", ["", "?format=pdf"])
def test_another_patients_papers_are_not_found(form):
    plan = make_signable()
    row = signed(plan)
    browser = at_the_keyboard(make_patient(email="other@example.org"))

    assert browser.get(plan_paper(plan, form=form)).status_code == 404
    assert browser.get(consent_paper(row, form)).status_code == 404


def test_what_one_agreed_to_otherwise_is_no_paper():
    patient = make_patient()
    row = patient.consents.create(kind="care", is_given=True, words="Yes.", at=NOW)

    assert at_the_keyboard(patient).get(consent_paper(row)).status_code == 404


def test_staff_have_no_papers_here(desk):
    response = signed_in(desk).get(reverse("portal:documents"))

    assert response.status_code == 302
