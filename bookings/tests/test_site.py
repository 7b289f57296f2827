"""The public site: all of it from the catalogue and the set-up, in both languages."""

import re
from datetime import time
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from bookings.services.demo import places as demo_places
from bookings.services.site import places, wording
from bookings.tests.factories import (
    ISOTRETINOIN,
    TODAY,
    make_concern,
    make_doctor,
    make_hours,
    make_location,
    make_practitioner,
    make_protocol,
    make_room,
    make_treatment,
)
from clinic import checks, colours, site
from clinic.models import Closure, ClosureKind, Practitioner
from treatments.models import (
    CareInstruction,
    EffectKind,
    Protocol,
    ProtocolEffect,
    ProtocolPhase,
    SessionCount,
    SuitabilityRule,
)

pytestmark = pytest.mark.django_db

CODES = (
    "microneedling",
    "microneedling-prp",
    "microneedling-rf",
    "microneedling-rf-prp",
    "scar-roller",
)
PAGES = (
    "/",
    "/treatments/",
    "/treatments/?concern=acne-scars",
    *(f"/treatments/{code}/" for code in CODES),
    "/how-it-works/",
    "/doctors/",
    "/locations/",
    "/contact/",
    "/privacy/",
    "/accessibility/",
    "/after-care/",
)
STARTS = {"en": "", "fr": "/fr"}


@pytest.fixture
def catalogue(db):
    call_command("load_catalogue", stdout=StringIO())


@pytest.fixture(autouse=True)
def english():
    """A page asked for in French leaves its language behind; the next test must not."""
    with override("en"):
        yield


@pytest.fixture
def visitor():
    return Client()


def words(response):
    """The page as it is read: without tags, in one line."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(text.split())


def republish(protocol, change):
    """A new version of `protocol` with a change, as loading the catalogue makes one."""
    parts = (
        (ProtocolPhase, protocol.phases),
        (SessionCount, protocol.session_counts),
        (CareInstruction, protocol.care_instructions),
        (SuitabilityRule, protocol.rules),
        (ProtocolEffect, protocol.effects),
    )
    rows = [row for _model, found in parts for row in found.all()]
    rows += [*protocol.roles.all(), *protocol.facts.all()]
    published = protocol.published_at
    protocol.pk, protocol.published_at = None, None
    protocol._state.adding = True
    protocol.version += 1
    protocol.save()
    for row in rows:
        row.pk, row.protocol = None, protocol
        row._state.adding = True
        change(row)
        row.save()
    change(protocol)
    protocol.published_at = published
    protocol.save()


# --- Every page ------------------------------------------------------------------------


@pytest.mark.parametrize("language", STARTS)
def test_every_page_opens_for_everybody(catalogue, visitor, language):
    for address in PAGES:
        page = visitor.get(f"{STARTS[language]}{address}")

        assert (address, page.status_code) == (address, 200)
        assert page.headers["Content-Language"] == language
        assert f'<html lang="{language}"' in page.content.decode()


def test_no_page_loads_a_script(catalogue, visitor):
    for address in PAGES:
        page = visitor.get(address)

        assert "<script" not in page.content.decode()
        assert "nonce" not in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("start", STARTS.values())
def test_a_page_says_what_it_is_to_search_engines(catalogue, visitor, settings, start):
    settings.SITE_URL = "https://clinic.example"
    for address in PAGES:
        html = visitor.get(f"{start}{address}").content.decode()
        english = f"https://clinic.example{address.partition('?')[0]}"
        french = english.replace(".example", ".example/fr")
        here = french if start else english

        assert re.search(r"<title>[^<]+ · Larchmere Skin Clinic</title>", html)
        assert re.search(r'<meta name="description" content="[^"]{20,}"', html)
        assert f'rel="canonical" href="{here}"' in html
        assert f'hreflang="en" href="{english}"' in html
        assert f'hreflang="fr" href="{french}"' in html
        assert f'hreflang="x-default" href="{english}"' in html
        assert f'property="og:url" content="{here}"' in html
        assert "noindex" not in html


def test_titles_and_descriptions_differ_from_page_to_page(catalogue, visitor):
    pages = [visitor.get(a).content.decode() for a in PAGES if "?" not in a]
    titles = {re.search(r"<title>([^<]+)", html)[1] for html in pages}
    told = {re.search(r'name="description" content="([^"]+)', h)[1] for h in pages}

    assert (len(titles), len(told)) == (len(pages), len(pages))


def test_a_page_may_be_kept_and_is_not_sent_twice(catalogue, visitor):
    for address in PAGES:
        page = visitor.get(address)
        again = visitor.get(address, headers={"If-None-Match": page.headers["ETag"]})

        assert page.headers["Cache-Control"] == "public, max-age=300"
        assert (address, again.status_code) == (address, 304)
        assert not page.cookies


def test_the_language_switch_stays_on_the_page(catalogue, visitor):
    english = visitor.get("/treatments/?concern=acne-scars").content.decode()
    french = visitor.get("/fr/treatments/scar-roller/").content.decode()

    assert 'href="/fr/treatments/?concern=acne-scars" lang="fr"' in english
    assert 'href="/treatments/scar-roller/" lang="en"' in french


@pytest.mark.parametrize("code", ["nothing", "microneedling-2"])
def test_an_unknown_treatment_is_not_found(catalogue, visitor, code):
    assert visitor.get(f"/treatments/{code}/").status_code == 404
    assert visitor.get(f"/fr/treatments/{code}/").status_code == 404


def test_a_treatment_without_a_published_protocol_is_not_shown(visitor):
    make_treatment(code="to-come")

    assert visitor.get("/treatments/to-come/").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_site_only_tells(visitor, method):
    assert getattr(visitor, method)("/").status_code == 405


def test_an_empty_clinic_has_a_site_all_the_same(visitor):
    pages = [a for a in PAGES if not a.startswith("/treatments/m")]
    found = {a: visitor.get(a).status_code for a in pages if "scar" not in a}

    assert set(found.values()) == {200}


# --- From the catalogue ----------------------------------------------------------------


def test_a_treatment_page_tells_what_its_protocol_holds(catalogue, visitor):
    page = words(visitor.get("/treatments/microneedling-prp/"))

    for told in (
        "2 or 3",
        "5 or more for acne scars",
        "6 to 8 weeks",
        "About an hour, with a small blood draw",
        "1 to 3 times a year",
        "Numbing, 10 minutes",
        "Blood draw and spin, 20 minutes",
        "From 7 days before",
        "Take no aspirin",
        "For 24 hours Wear no make-up on the treated skin.",
        "For 48 hours Use lukewarm water only",
        "Until your skin has healed",
        "6 to 8 weeks later",
        "Then we start 3 months after that, at the earliest.",
        "Then we start 1 year after that, at the earliest.",
        "Do you have a bleeding or platelet disorder",
        "Redness that spreads, pus, fever",
        "Results show after 6 to 8 weeks",
    ):
        assert told in page


def test_no_page_shows_sources_or_records(catalogue, visitor):
    for code in CODES:
        page = words(visitor.get(f"/treatments/{code}/"))

        for hidden in ("Turnover", "Recorded", "clinic default", "S0", "S1", "S2"):
            assert hidden not in page


def change_of(model, **facts):
    def change(row):
        if isinstance(row, model) and getattr(row, "code", "") == facts.get(
            "code", getattr(row, "code", "")
        ):
            for name, value in facts.items():
                setattr(row, name, value)

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            change_of(Protocol, gap_min_days=28, gap_max_days=42, ideal_gap_days=35),
            "4 to 6 weeks",
        ),
        (
            change_of(Protocol, gap_min_days=30, gap_max_days=45, ideal_gap_days=35),
            "30 to 45 days",
        ),
        (change_of(Protocol, maintenance_min=2, maintenance_max=2), "2 times a year"),
        (
            change_of(CareInstruction, code="make-up", ends_offset=36),
            "For 36 hours Wear no make-up",
        ),
        (
            change_of(SuitabilityRule, code="isotretinoin", wait_amount=6),
            "Then we start 6 months after that",
        ),
        (change_of(ProtocolPhase, minutes=45), "About 90 minutes"),
        (
            change_of(ProtocolEffect, code="scabs", text="Tiny crusts."),
            "Rarely Tiny crusts.",
        ),
    ],
)
def test_when_a_value_changes_the_page_follows(catalogue, visitor, change, told):
    before = words(visitor.get("/treatments/microneedling/"))
    republish(Protocol.objects.current().get(treatment__code="microneedling"), change)

    assert told not in before
    assert told in words(visitor.get("/treatments/microneedling/"))


def test_rules_that_only_some_treatments_have_leave_the_others_open(catalogue, visitor):
    rf = words(visitor.get("/treatments/microneedling-rf/"))

    assert "metal in the area? Then not this treatment. Others stay open" in rf
    assert "Not with a pacemaker." not in words(visitor.get("/treatments/scar-roller/"))
    assert "Not with a pacemaker." in words(visitor.get("/treatments/"))


def test_a_concern_shows_only_what_treats_it(catalogue, visitor):
    scars = words(visitor.get("/treatments/?concern=acne-scars"))
    firm = words(visitor.get("/treatments/?concern=loss-of-firmness"))
    other = words(visitor.get("/treatments/?concern=no-such-thing"))

    assert "5 or more" in scars
    assert "2 or 3" not in scars
    assert "Loss of firmness" in firm
    assert "2 or 3" in firm
    assert "derma roller" not in firm
    assert "derma roller" in other


def test_catalogue_texts_are_told_in_french(catalogue, visitor):
    page = words(visitor.get("/fr/treatments/microneedling/"))

    assert "Ne portez" in page or "maquillage" in page
    assert "Wear no make-up" not in page
    assert "6 à 8 semaines" in page


def test_questions_with_answers_are_marked_for_machines(catalogue, visitor):
    html = visitor.get("/treatments/microneedling/").content.decode()

    assert "https://schema.org/FAQPage" in html
    assert html.count("https://schema.org/Question") == html.count(
        "https://schema.org/Answer"
    )
    assert "https://schema.org/MedicalTherapy" in html


# --- Words -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("least", "most", "told"),
    [
        (42, 56, "6 to 8 weeks"),
        (7, 7, "1 week"),
        (42, 42, "6 weeks"),
        (41, 56, "41 to 56 days"),
        (42, 55, "42 to 55 days"),
        (1, 1, "1 day"),
    ],
)
def test_a_stretch_is_told_in_weeks_only_where_it_is_weeks(least, most, told):
    assert wording.span(least, most) == told


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ((2, 3, 3), "2 or 3"),
        ((2, 3, 4), "2 to 4"),
        ((3, 3, 3), "3"),
        ((5, 5, None), "5 or more"),
    ],
)
def test_numbers_of_sessions_read_as_people_say_them(counts, told):
    minimum, usual, maximum = counts
    row = SessionCount(minimum=minimum, usual=usual, maximum=maximum)

    assert wording.count(row) == told


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (49, "About 50 minutes"),
        (50, "About an hour"),
        (70, "About an hour"),
        (71, "About 70 minutes"),
        (2, "About 5 minutes"),
    ],
)
def test_a_visit_is_about_an_hour_from_50_to_70_minutes(minutes, told):
    assert wording.length([ProtocolPhase(minutes=minutes)]) == told


def test_cleaning_up_is_not_part_of_a_visit():
    protocol = make_protocol()

    names = [phase.name for phase in wording.with_patient(protocol)]

    assert names == ["numbing", "needling"]


def test_several_things_are_told_in_one_breath():
    assert wording.listed(["face", "neck", "arms"]) == "face, neck and arms"
    assert wording.listed(["face"]) == "face"
    assert wording.listed([]) == ""


# --- Doctors and locations --------------------------------------------------------------


def test_only_those_whom_managers_show_are_on_the_site(visitor):
    place = make_location()
    make_doctor(place, name="Dr Ada Byron", is_on_site=True, languages=["en", "fr"])
    make_practitioner(place, name="N. Urse")
    make_doctor(place, name="Dr Gone Away", is_on_site=True, is_active=False)

    page = words(visitor.get("/doctors/"))

    assert "Dr Ada Byron" in page
    assert "Speaks English, français." in page
    assert "N. Urse" not in page
    assert "Gone Away" not in page


def test_a_doctor_is_told_of_in_the_language_spoken(visitor):
    place = make_location()
    make_doctor(
        place, name="Dr A", is_on_site=True, about="Scars.", about_fr="Marques."
    )
    make_doctor(place, name="Dr B", is_on_site=True, about="Sun damage.")

    page = words(visitor.get("/fr/doctors/"))

    assert "Marques." in page
    assert "Scars." not in page
    assert "Sun damage." in page  # nobody wrote the French yet


@pytest.mark.parametrize(
    ("name", "short", "initials"),
    [
        ("Dr Adaeze Okafor", "Dr Okafor", "AO"),
        ("Dre Anne-Marie Roy", "Dre Roy", "AR"),
        ("S. Lachance", "S. Lachance", "SL"),
        ("Okafor", "Okafor", "O"),
    ],
)
def test_a_doctor_is_asked_for_by_title_and_last_name(name, short, initials):
    doctor = places.Doctor(Practitioner(name=name))

    assert (doctor.short_name, doctor.initials) == (short, initials)


def opened(*rows):
    place = make_location()
    room = make_room(place)
    for weekday, opens, closes in rows:
        room.hours.create(weekday=weekday, opens=opens, closes=closes)
    return [tuple(one) for one in places.places(TODAY)[0].opening]


def test_days_with_the_same_hours_are_told_together():
    day = (time(8, 30), time(17, 30))

    assert opened(*((n, *day) for n in range(6))) == [
        ("Mon to Sat", "8:30–17:30", "Mo-Sa 08:30-17:30")
    ]


def test_days_with_other_hours_and_breaks_are_told_apart():
    rows = [
        (0, time(9), time(12)),
        (0, time(13), time(17)),
        (2, time(9), time(17)),
        (3, time(9), time(17)),
    ]

    assert opened(*rows) == [
        ("Mon", "9:00–12:00 and 13:00–17:00", "Mo 09:00-12:00,13:00-17:00"),
        ("Wed to Thu", "9:00–17:00", "We-Th 09:00-17:00"),
    ]


def test_rooms_open_at_different_times_open_the_location_as_long_as_any():
    rows = [(0, time(9), time(13)), (0, time(12), time(17)), (0, time(17), time(18))]

    assert opened(*rows) == [("Mon", "9:00–18:00", "Mo 09:00-18:00")]


def test_hours_that_are_over_or_to_come_are_not_shown():
    place = make_location()
    room = make_room(place)
    one = {"weekday": 0, "opens": time(9), "closes": time(12)}
    room.hours.create(**one, valid_from=TODAY.replace(day=25))
    room.hours.create(**one, valid_until=TODAY.replace(day=23))
    room.hours.create(**one | {"weekday": 1}, valid_until=TODAY)

    [found] = places.places(TODAY)

    assert [line.days for line in found.opening] == ["Tue"]


def test_the_days_a_location_is_closed_soon_are_told():
    here, there = make_location(), make_location(slug="there", name="There")
    closed = {"kind": ClosureKind.HOLIDAY, "name": "Holiday"}
    for location, day in ((here, 25), (there, 26), (None, 27)):
        first = TODAY.replace(day=day)
        Closure.objects.create(
            **closed, location=location, first_day=first, last_day=first
        )
    far = TODAY.replace(year=2027, month=2)
    Closure.objects.create(**closed, first_day=far, last_day=far)

    shown = {one.location: one.closed for one in places.places(TODAY)}

    assert shown[here] == ["Wed 25 November", "Fri 27 November"]
    assert shown[there] == ["Thu 26 November", "Fri 27 November"]


def test_the_locations_page_tells_how_to_get_there_and_when(visitor):
    place = make_location(directions="By the river.", directions_fr="Près du fleuve.")
    make_hours(make_room(place))
    make_location(slug="shut", name="Shut Down", is_active=False)

    page = visitor.get("/locations/")

    assert "By the river." in words(page)
    assert "Shut Down" not in words(page)
    assert 'href="tel:+1' in page.content.decode()
    assert "openingHours" in page.content.decode()
    assert "Près du fleuve." in words(visitor.get("/fr/locations/"))


def test_phone_numbers_are_written_as_the_language_writes_them(visitor):
    make_location(phone="613-555-0118")

    assert "613-555-0118" in words(visitor.get("/locations/"))
    french = visitor.get("/fr/locations/").content.decode()
    assert "613\N{NO-BREAK SPACE}555-0118" in french


def test_managers_write_what_the_site_says(as_manager, visitor):
    place = make_location()
    doctor = make_doctor(place, name="Dr Ada Byron")
    address = f"/desk/setup/practitioners/{doctor.pk}/"
    form = as_manager.get(address).context["form"]
    shown = {
        n: form[n].value() for n in form.fields if form[n].value() not in (None, "")
    }
    typed = {
        "is_on_site": "on",
        "about": "Old scars, mostly.",
        "about_fr": "Surtout les vieilles cicatrices.",
        "languages": ["fr"],
        "is_active": "on",
        "may_supervise": "on",
    }

    answer = as_manager.post(address, shown | typed)

    assert answer.status_code == 302
    assert "Old scars, mostly. Speaks français." in words(visitor.get("/doctors/"))
    assert "vieilles cicatrices" in words(visitor.get("/fr/doctors/"))


def test_managers_write_how_to_find_a_location(as_manager, visitor):
    place = make_location()
    address = f"/desk/setup/locations/{place.pk}/"
    form = as_manager.get(address).context["form"]
    shown = {
        n: form[n].value() for n in form.fields if form[n].value() not in (None, "")
    }

    answer = as_manager.post(
        address, shown | {"is_active": "on", "directions": "Third door on the left."}
    )

    assert answer.status_code == 302
    assert "Third door on the left." in words(visitor.get("/locations/"))


def test_the_demo_tells_of_its_doctors_and_locations(visitor):
    demo_places.make_resources(demo_places.make_locations(), today=TODAY)

    page = words(visitor.get("/"))

    assert "Medical director. Scars, RF and PRP." in page
    assert "Mon to Sat, 8:30–17:30" in page
    assert "Tue to Fri, 9:00–17:00" in page
    assert "station Parlement" in words(visitor.get("/fr/locations/"))


# --- How much it costs -------------------------------------------------------------------


def test_no_page_asks_the_database_much(catalogue, visitor, count_queries):
    visitor.get("/")
    costs = {address: count_queries(visitor, address) for address in PAGES}

    assert max(costs.values()) <= 18
    assert (costs["/privacy/"], costs["/doctors/"]) == (0, 1)


@pytest.mark.parametrize("address", ["/", "/treatments/", "/doctors/", "/locations/"])
def test_a_larger_clinic_costs_no_more_queries(visitor, count_queries, address):
    def grow(number):
        place = make_location(slug=f"place-{number}", name=f"Place {number}")
        make_hours(make_room(place))
        make_doctor(place, name=f"Dr Number {number}", is_on_site=True)
        treatment = make_treatment(name=f"Treatment {number}")
        treatment.concerns.add(make_concern(code=f"concern-of-{number}"))
        make_protocol(treatment=treatment, rules=[ISOTRETINOIN])

    grow(1)
    before = count_queries(visitor, address)
    grow(2)
    grow(3)

    assert count_queries(visitor, address) == before


# --- What search engines are told ---------------------------------------------------------


def test_the_sitemap_lists_every_page_in_both_languages(catalogue, visitor, settings):
    settings.SITE_URL = "http://localhost:8000"
    sitemap = visitor.get("/sitemap.xml")
    listed = re.findall(
        r"<loc>http://localhost:8000([^<]+)</loc>", sitemap.content.decode()
    )
    pages = [address for address in PAGES if "?" not in address]

    assert sitemap.headers["Content-Type"].startswith("application/xml")
    assert sorted(listed) == sorted([*pages, *(f"/fr{page}" for page in pages)])
    for address in listed:
        assert visitor.get(address).status_code == 200


def test_robots_keep_out_of_all_that_is_about_somebody(visitor, settings):
    settings.SITE_URL = "http://localhost:8000"
    robots = visitor.get("/robots.txt").content.decode()

    for closed in ("desk", "review", "admin", "my", "accounts", "requests"):
        assert f"Disallow: /{closed}/\n" in robots
        assert f"Disallow: /fr/{closed}/\n" in robots
    assert "Disallow: /\n" not in robots
    assert "Sitemap: http://localhost:8000/sitemap.xml" in robots


@pytest.mark.parametrize("address", ["/accounts/login/", "/fr/accounts/login/"])
def test_pages_for_people_with_an_account_stay_out_of_search(visitor, address):
    assert 'name="robots" content="noindex"' in visitor.get(address).content.decode()


# --- The clinic's own words and colour ---------------------------------------------------


@pytest.fixture
def own_file(settings, tmp_path):
    """Give the site another file: the usual one, with replacements."""
    usual = settings.CLINIC_SITE.read_text(encoding="utf-8")

    def write(*replacements, text=usual):
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / f"site-{len(list(tmp_path.iterdir()))}.toml"
        path.write_text(text, encoding="utf-8")
        settings.CLINIC_SITE = path
        return path

    return write


def test_the_usual_file_has_no_fault():
    assert checks.the_site_can_be_read(None) == []


def test_a_file_of_its_own_changes_what_the_site_says(own_file, visitor, settings):
    settings.CLINIC_NAME = "Riverbend Clinic"
    own_file(
        ('headline = ["Skin heals on its own schedule."', 'headline = ["Hello, skin."'),
        ('call = "Ready when your skin is"', 'call = "Come to {clinic}"'),
    )

    page = words(visitor.get("/"))

    assert "Hello, skin." in page
    assert "Riverbend Clinic" in page
    assert "{clinic}" not in page


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('accent = "#0C4A41"', "accent = #0C4A41", "not TOML"),
        ('accent = "#0C4A41"', 'accent = "green"', "such as #0C4A41, not 'green'"),
        ('accent = "#0C4A41"', 'accent = "#0C4A41"\nlogo = "x"', "the file has logo"),
        ("[fr]", "[de]", "the file has de"),
        ('lead = "Medical', 'led = "Medical', "[en] has led"),
        ('call = "Ready when your skin is"', "", "[en] does not say call"),
        ('call = "Ready when your skin is"', "call = 3", "[en] call must be words"),
        ('call = "Ready when your skin is"', 'call = " "', "[en] call must be words"),
        ('heading = "Ce site"', 'title = "Ce site"', "[fr] privacy needs a heading"),
        (
            'headline = ["Skin heals on its own schedule.", "We plan around yours."]',
            "headline = []",
            "[en] headline must be a list",
        ),
    ],
)
def test_a_fault_in_the_file_is_told_at_the_start(own_file, old, new, fault):
    path = own_file((old, new))

    [error] = checks.the_site_can_be_read(None)

    assert error.id == "clinic.E002"
    assert fault in error.msg
    assert str(path) in error.msg


def test_a_file_that_is_not_there_is_told_at_the_start(settings, tmp_path):
    settings.CLINIC_SITE = tmp_path / "nowhere.toml"

    [error] = checks.the_site_can_be_read(None)

    assert "cannot be read" in error.msg


def test_the_file_of_a_language_that_is_missing_is_told(own_file, settings):
    text = settings.CLINIC_SITE.read_text(encoding="utf-8")
    own_file(text=text[: text.index("[fr]")])

    [error] = checks.the_site_can_be_read(None)

    assert "it has no table [fr]" in error.msg


@pytest.mark.parametrize(
    ("accent", "ground"),
    [("#777777", "white"), ("#00AA88", "white"), ("#757575", "the paper")],
)
def test_an_accent_that_cannot_be_read_is_refused(own_file, accent, ground):
    own_file(("#0C4A41", accent), text='accent = "#0C4A41"\n')

    [error] = checks.the_site_can_be_read(None)

    assert f"accent {accent} has a contrast of" in error.msg
    assert f"against {ground}" in error.msg


def test_contrast_is_that_of_the_guidelines():
    assert colours.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert colours.contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)
    assert colours.contrast("#0C4A41", "#FFFFFF") == pytest.approx(10.1, abs=0.05)


@pytest.mark.parametrize(
    "accent", ["#0C4A41", "#1B4E82", "#6F6F6F", "#000000", "#8A1C4A"]
)
def test_every_tint_of_an_accent_that_passes_can_be_read(accent):
    sheet = dict(re.findall(r"(--[\w-]+): (#\w{6});", colours.stylesheet(accent)))

    for ground in ("--cd-accent-tint", "--cd-accent-tint-2", "--cd-on-accent-2"):
        assert colours.contrast(accent, sheet[ground]) >= 4.5
    assert colours.contrast(sheet["--cd-accent-hover"], "#FFFFFF") >= 4.5


def test_the_usual_accent_needs_no_style_sheet(visitor):
    assert "/site.css?" not in visitor.get("/privacy/").content.decode()


def test_another_accent_is_served_to_every_page_and_kept(own_file, visitor):
    own_file(("#0C4A41", "#1b4e82"))

    assert 'href="/site.css?1B4E82"' in visitor.get("/privacy/").content.decode()
    assert 'href="/site.css?1B4E82"' in visitor.get("/fr/privacy/").content.decode()
    sheet = visitor.get("/site.css?1B4E82")
    assert "--cd-accent: #1B4E82;" in sheet.content.decode()
    assert sheet.headers["Content-Type"] == "text/css"
    assert "immutable" in sheet.headers["Cache-Control"]


@pytest.mark.parametrize("language", ["en", "fr", "en-ca"])
def test_words_are_those_of_the_language_spoken(language):
    with override(language):
        title = site.words().title

    assert title == site.site().words[language[:2]].title


def test_the_first_page_is_the_site_and_staff_find_their_door(visitor):
    page = visitor.get(reverse("public:home"))

    assert page.status_code == 200
    assert 'href="/accounts/login/"' in page.content.decode()


def test_every_effect_kind_has_a_place_on_the_page(catalogue, visitor):
    page = words(visitor.get("/treatments/microneedling/"))
    texts = ProtocolEffect.objects.filter(protocol__treatment__code="microneedling")

    assert {row.kind for row in texts} == set(EffectKind.values)
    for row in texts:
        assert row.text in page
