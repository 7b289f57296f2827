"""The pages of reactions: who sees and does what, and that nothing typed is lost."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import AccessLog, Reaction, Task
from bookings.tests import reacting
from bookings.tests.factories import make_device, make_location, make_patient
from bookings.tests.reacting import (
    DAY,
    make_done,
    make_record,
    make_worry,
)

pytestmark = pytest.mark.django_db

LIST = reverse("review:reactions")
TRACE = reverse("review:trace")


def today(days=0):
    return timezone.localdate() + timedelta(days=days)


def place(reaction, name="reaction"):
    return reverse(f"review:{name}", args=[reaction.pk])


def text(response):
    return response.content.decode()


def names(response):
    return [row.patient.first_name for row in response.context["rows"]]


def make_reaction(session, **fields):
    return reacting.make_reaction(
        session, **{"reported_at": timezone.now() - DAY / 2} | fields
    )


def make_unrated(session, **fields):
    return make_reaction(session, **{"advice": "", "follow_up_on": None} | fields)


def lately(name="Ada"):
    return make_done(timezone.now() - 2 * DAY, name)


# --- Reporting --------------------------------------------------------------------------


def test_the_desk_reports_and_a_clinician_rates(as_desk, as_clinician):
    session = lately()
    form = reverse("desk:appointment-reaction", args=[session.pk])
    said = {"severity": "severe", "signs_seen": ["pus"], "words": "She called: pus."}

    assert "Advice given" not in text(as_desk.get(form))
    answer = as_desk.post(form, said)
    row = Reaction.objects.get()
    assert answer.url == place(row)
    assert "Call at once" in text(as_clinician.get(reverse("review:alerts")))
    rating = {
        "rate-version": row.version,
        "rate-severity": "moderate",
        "rate-advice": "Come in at noon.",
        "rate-follow_up_on": today(),
    }
    as_clinician.post(place(row, "reaction-rate"), rating)

    row.refresh_from_db()
    assert (row.severity, row.advice) == ("moderate", "Come in at noon.")
    assert not Task.objects.open().exists()


def test_a_report_that_lacks_something_keeps_what_was_typed(as_desk):
    form = reverse("desk:appointment-reaction", args=[lately().pk])

    answer = as_desk.post(form, {"words": "She called.", "signs_seen": ["scabs"]})

    assert answer.status_code == 422
    assert "She called." in text(answer)
    assert "Say how bad it is." in text(answer)
    assert not Reaction.objects.exists()


def test_a_clinician_advises_in_the_same_form_or_not_at_all(as_clinician):
    form = reverse("desk:appointment-reaction", args=[lately().pk])
    said = {"severity": "mild", "words": "Scabs.", "advice": "Leave them."}

    half = as_clinician.post(form, said)
    assert half.status_code == 422
    assert "Say when to look again." in text(half)

    as_clinician.post(form, said | {"follow_up_on": today(2)})
    assert Reaction.objects.get().follow_up_on == today(2)


def test_a_session_to_come_offers_no_form_and_refuses_one(as_desk):
    session = lately()
    session.status = "booked"
    session.completed_at = None
    session.save(update_fields=["status", "completed_at"])
    form = reverse("desk:appointment-reaction", args=[session.pk])

    assert 'name="words"' not in text(as_desk.get(form))
    answer = as_desk.post(form, {"severity": "mild", "words": "Kept."})
    assert answer.status_code == 422
    assert "Kept." in text(answer)


# --- The list -----------------------------------------------------------------------------


def test_what_nobody_rated_comes_first_then_by_its_day(as_clinician):
    make_reaction(lately("Later"), follow_up_on=today(3))
    make_reaction(lately("Overdue"), follow_up_on=today(-2))
    make_unrated(lately("Mild"), severity="mild")
    make_unrated(lately("Severe"), severity="severe")

    answer = as_clinician.get(LIST)

    assert names(answer) == ["Severe", "Mild", "Overdue", "Later"]
    assert "2 days overdue" in text(answer)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Open"]),
        ("?state=closed", ["Closed"]),
        ("?state=all", ["Open", "Closed"]),
        ("?state=rubbish&severity=x&location=99", ["Open"]),
        ("?severity=severe", []),
        ("?severity=moderate", ["Open"]),
    ],
)
def test_the_list_is_narrowed(as_clinician, clinician, query, found):
    make_reaction(lately("Open"))
    now = timezone.now()
    make_reaction(
        lately("Closed"),
        outcome="Healed",
        closed_at=now,
        closed_by=clinician,
    )

    assert names(as_clinician.get(LIST + query)) == found


def test_a_location_narrows_it(as_clinician):
    make_reaction(lately("Ada"))
    other = make_location(name="Westboro")

    assert names(as_clinician.get(f"{LIST}?location={other.pk}")) == []


def test_an_empty_list_says_so(as_clinician):
    assert "No reaction is open." in text(as_clinician.get(LIST))
    assert "No reaction fits." in text(as_clinician.get(f"{LIST}?state=closed"))


def test_the_list_is_a_file_too(as_clinician):
    make_reaction(lately(), signs=["scabs", "milia"])

    answer = as_clinician.get(f"{LIST}?format=csv")

    assert answer["Content-Type"].startswith("text/csv")
    assert "Scabs, Milia" in text(answer)
    assert AccessLog.objects.filter(what="reactions saved").count() == 1


def test_the_list_costs_the_same_for_three_as_for_one(as_clinician, count_queries):
    make_worry(lately("Ada"), now=timezone.now())
    as_clinician.get(LIST)
    one = count_queries(as_clinician, LIST)
    for name in ("Bea", "Cyd"):
        make_reaction(lately(name))

    assert count_queries(as_clinician, LIST) == one


def test_the_alerts_cost_the_same_for_three_as_for_one(as_clinician, count_queries):
    alerts = reverse("review:alerts")
    make_worry(lately("Ada"), now=timezone.now())
    as_clinician.get(alerts)
    one = count_queries(as_clinician, alerts)
    for name in ("Bea", "Cyd"):
        make_worry(lately(name), now=timezone.now())

    assert count_queries(as_clinician, alerts) == one


# --- One reaction ----------------------------------------------------------------------------


def test_a_stale_page_keeps_what_was_typed_and_saves_on_the_second_try(as_clinician):
    row = make_reaction(lately(), follow_up_on=today())
    look = {"look-words": "Paler", "look-follow_up_on": today(3)}
    as_clinician.post(place(row, "reaction-look"), look | {"look-version": 1})

    stale = {"look-words": "My own words", "look-follow_up_on": today(4)}
    answer = as_clinician.post(place(row, "reaction-look"), stale | {"look-version": 1})

    assert answer.status_code == 422
    assert "My own words" in text(answer)
    assert "Paler" in text(answer)  # what the other wrote
    version = answer.context["forms"]["look"]["version"].value()
    as_clinician.post(place(row, "reaction-look"), stale | {"look-version": version})
    assert [note.words for note in row.notes.all()] == ["Paler", "My own words"]


def test_what_was_typed_into_a_closed_one_can_be_copied(as_clinician):
    row = make_reaction(lately())
    end = {"close-severity": "mild", "close-version": 1}
    as_clinician.post(place(row, "reaction-close"), end | {"close-outcome": "Healed"})

    answer = as_clinician.post(
        place(row, "reaction-close"), end | {"close-outcome": "All gone"}
    )

    assert answer.status_code == 422
    assert "A colleague has closed it already." in text(answer)
    assert "All gone" in text(answer)


@pytest.mark.parametrize("version", ["", "x", "9" * 30])
def test_rubbish_for_a_version_is_refused(as_clinician, version):
    row = make_reaction(lately())
    end = {"close-severity": "mild", "close-outcome": "Healed"}

    answer = as_clinician.post(
        place(row, "reaction-close"), end | {"close-version": version}
    )

    assert answer.status_code == 422


def test_the_page_names_what_touched_the_skin_to_who_may_see_records(
    as_clinician, as_desk
):
    session = lately()
    make_record(session, prp_lot="PK-77", device=make_device(name="Pen 9"))
    row = make_reaction(session)

    assert f"{TRACE}?lot=PK-77" in text(as_clinician.get(place(row)))
    page = text(as_desk.get(place(row)))
    assert "PK-77" not in page
    assert "<textarea" not in page


def test_the_desk_reads_and_does_not_rate(as_desk):
    row = make_reaction(lately())

    for name in ("reaction-rate", "reaction-look", "reaction-close"):
        assert as_desk.post(place(row, name)).status_code == 403
    assert as_desk.get(TRACE).status_code == 403


def test_a_look_is_remembered(as_clinician):
    as_clinician.get(place(make_reaction(lately())))

    assert AccessLog.objects.filter(what="reaction").count() == 1


def test_one_page_costs_the_same_with_many_notes(as_clinician, count_queries):
    row = make_reaction(lately())
    row.notes.create(words="One", by=row.reported_by, at=timezone.now())
    as_clinician.get(place(row))
    one = count_queries(as_clinician, place(row))
    for words in ("Two", "Three"):
        row.notes.create(words=words, by=row.reported_by, at=timezone.now())

    assert count_queries(as_clinician, place(row)) == one


# --- Where else it shows -------------------------------------------------------------------


def test_it_shows_in_the_drawer_and_on_the_record(as_desk):
    session = lately()
    row = make_reaction(session)

    for address in (
        reverse("desk:drawer", args=[session.pk]),
        reverse("desk:appointment", args=[session.pk]),
        reverse("desk:patient", args=[session.patient_id]),
    ):
        assert place(row) in text(as_desk.get(address))


def test_the_next_session_is_told_of_it_while_it_is_open(as_desk):
    first = lately()
    row = make_reaction(first)
    following = make_done(timezone.now() + 40 * DAY, plan=first.plan, number=2)
    following.status, following.completed_at = "booked", None
    following.save(update_fields=["status", "completed_at"])
    drawer = reverse("desk:drawer", args=[following.pk])

    assert "Reaction after session 1 is still open" in text(as_desk.get(drawer))
    Reaction.objects.filter(pk=row.pk).update(
        outcome="Healed",
        closed_at=row.reported_at + DAY,
        closed_by=row.reported_by,
    )
    assert "is still open" not in text(as_desk.get(drawer))


# --- Lots and devices ------------------------------------------------------------------------


def test_a_trace_says_whom_to_call_and_logs_it(as_clinician):
    session = lately()
    make_record(session, prp_lot="PK-77")
    make_reaction(session, severity="severe")

    page = text(as_clinician.get(TRACE, {"lot": " pk-77 "}))

    assert "pk-77 touched 1 patient" in page
    assert "(613) 555-0147" in page
    assert "1 of them severe" in page
    assert AccessLog.objects.filter(what="trace pk-77").count() == 1


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({}, 200, "Type a lot as it is printed"),
        ({"lot": "ZZ"}, 200, "No record names the lot ZZ"),
        ({"lot": "x" * 41}, 422, "at most 40 characters"),
        ({"device": "x"}, 422, "valid choice"),
        ({"first": "2026-02-02", "last": "2026-02-01"}, 422, "before the first"),
    ],
)
def test_a_trace_says_what_it_needs(as_clinician, query, status, words):
    answer = as_clinician.get(TRACE, query)

    assert answer.status_code == status
    assert words in text(answer)


def test_a_lot_and_a_device_are_traced_one_at_a_time(as_clinician):
    answer = as_clinician.get(TRACE, {"lot": "A", "device": make_device().pk})

    assert answer.status_code == 422
    assert "one at a time" in text(answer)


def test_a_trace_is_a_file_too(as_clinician):
    make_record(lately(), prp_lot="PK-77", lots={"=1+1": "Gel"})

    sheet = text(as_clinician.get(TRACE, {"lot": "PK-77", "format": "csv"}))
    formula = text(as_clinician.get(TRACE, {"lot": "=1+1", "format": "csv"}))

    assert "PK-77" in sheet
    assert "ada@example.org" in sheet
    assert "'=1+1" in formula


def test_what_touched_one_patient_is_a_page_and_a_file(as_clinician):
    session = lately()
    make_record(session, prp_lot="PK-77")
    address = reverse("review:patient-trace", args=[session.patient_id])

    assert "PK-77" in text(as_clinician.get(address))
    assert "PK-77" in text(as_clinician.get(address, {"format": "csv"}))
    nobody = reverse("review:patient-trace", args=[make_patient().pk])
    assert "No session has taken place yet." in text(as_clinician.get(nobody))
