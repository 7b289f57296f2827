"""The week of a resource: split shifts, changes from a day on, and the past left alone."""

from datetime import date, time, timedelta

import pytest
from django.utils import timezone

from bookings.models import Appointment, Task
from bookings.scheduling import instant
from bookings.services import diary
from bookings.services.missing import displaced
from bookings.services.refusals import BookingRefused
from bookings.services.setup import weeks
from bookings.tests.factories import (
    TODAY,
    make_doctor,
    make_hours,
    make_location,
    make_place_with_people,
)
from bookings.tests.test_series_book import book, local, make_approved, make_sessions
from clinic.models import Practitioner, WeeklyHours

pytestmark = pytest.mark.django_db

MONDAY = date(2027, 1, 4)
MORNING, DAY = (time(9), time(12)), (time(8), time(18))
SHORT = ((MORNING,),) * 5 + ((), ())
LONG = ((DAY,),) * 5 + ((), ())


@pytest.fixture
def doctor():
    """Monday to Friday, 8 to 18, since 2020."""
    doctor = make_doctor()
    make_hours(doctor)
    return doctor


def rows(doctor):
    columns = ("weekday", "opens", "valid_from", "valid_until")
    found = WeeklyHours.objects.filter(resource=doctor, weekday=0)
    return [row[1:] for row in found.order_by("valid_from").values_list(*columns)]


def shown(doctor, today=TODAY):
    found = weeks.periods(list(WeeklyHours.objects.filter(resource=doctor)), today)
    return [(one.first, one.last, one.week) for one in found]


def change(doctor, week, first, last=None, today=TODAY):
    weeks.set_week(doctor, week, first=first, last=last, today=today)


def test_new_hours_begin_on_their_day_and_the_old_ones_end_the_day_before(doctor):
    change(doctor, SHORT, MONDAY)

    assert rows(doctor) == [
        (time(8), date(2020, 1, 1), date(2027, 1, 3)),
        (time(9), MONDAY, None),
    ]


def test_the_past_is_never_written_again(doctor):
    with pytest.raises(BookingRefused, match="Choose today, Tue 24 Nov 2026"):
        change(doctor, SHORT, TODAY - timedelta(days=1))

    assert rows(doctor) == [(time(8), date(2020, 1, 1), None)]


def test_hours_may_change_from_today_on(doctor):
    change(doctor, SHORT, TODAY)

    assert rows(doctor)[0] == (time(8), date(2020, 1, 1), date(2026, 11, 23))


def test_one_different_week_leaves_those_before_and_after_as_they_were(doctor):
    change(doctor, SHORT, MONDAY, MONDAY + timedelta(days=6))

    assert shown(doctor) == [
        (TODAY, date(2027, 1, 3), LONG),
        (MONDAY, date(2027, 1, 10), SHORT),
        (date(2027, 1, 11), None, LONG),
    ]


def test_one_different_day_may_be_all(doctor):
    change(doctor, weeks.NO_HOURS, MONDAY, MONDAY)

    assert shown(doctor)[1:] == [
        (MONDAY, MONDAY, weeks.NO_HOURS),
        (date(2027, 1, 5), None, LONG),
    ]


def test_a_change_taken_back_leaves_one_period(doctor):
    change(doctor, SHORT, MONDAY)

    change(doctor, LONG, MONDAY)

    assert shown(doctor) == [(TODAY, None, LONG)]
    assert rows(doctor) == [(time(8), date(2020, 1, 1), None)]


def test_a_later_change_takes_the_place_of_what_was_planned_for_then(doctor):
    change(doctor, SHORT, MONDAY)

    change(doctor, weeks.NO_HOURS, MONDAY - timedelta(days=7))

    assert shown(doctor)[1:] == [(date(2026, 12, 28), None, weeks.NO_HOURS)]


def test_a_while_across_a_planned_change_ends_in_what_was_planned(doctor):
    change(doctor, SHORT, MONDAY)

    change(doctor, weeks.NO_HOURS, date(2026, 12, 28), date(2027, 1, 6))

    assert [period[2] for period in shown(doctor)] == [LONG, weeks.NO_HOURS, SHORT]
    assert shown(doctor)[-1][0] == date(2027, 1, 7)


def test_the_last_day_may_not_come_before_the_first(doctor):
    with pytest.raises(BookingRefused, match="before the first"):
        change(doctor, SHORT, MONDAY, MONDAY - timedelta(days=1))


def test_split_shifts_are_said_in_few_lines():
    split = (MORNING, (time(13), time(17)))

    assert weeks.lines((split, split, split, (), split, (MORNING,), ())) == [
        "Mon–Wed, Fri 09:00–12:00, 13:00–17:00",
        "Sat 09:00–12:00",
    ]


def test_hours_of_a_week_are_added_up(doctor):
    assert weeks.periods(list(doctor.hours.all()), TODAY)[0].hours == "50:00"


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2027, 3, 14), 5), (date(2027, 11, 7), 7), (date(2027, 3, 21), 6)],
)
def test_a_night_shift_lasts_as_long_as_that_night(day, hours):
    doctor = make_doctor()
    night = ((),) * 6 + (((time(0), time(6)),),)
    change(doctor, night, TODAY)

    spans = diary.open_spans(doctor.location, day, day)[doctor.pk]

    assert [end - start for start, end in spans] == [hours * 60]
    assert spans[0][0] == instant(local(day, time(0)))


# --- The pages -------------------------------------------------------------------------


@pytest.fixture
def monday():
    """A Monday to come, whatever today is."""
    today = timezone.localdate()
    return today + timedelta(days=21 - today.weekday())


@pytest.fixture
def plan(monday):
    """A series in the diary whose first session is on that Monday at 10:00."""
    plan = make_approved(make_place_with_people())
    book(plan, make_sessions(plan, first=monday))
    return plan


def address(doctor):
    return f"/desk/setup/hours/{doctor.pk}/change/"


def typed(client, doctor, monday, *shifts, **changes):
    """What the form would post: `shifts` on every weekday."""
    page = client.get(address(doctor))
    fields = {
        f"day{day}-{number}-{part}": at
        for day in range(5)
        for number, shift in enumerate(shifts)
        for part, at in zip(("opens", "closes"), shift, strict=True)
    }
    seen = page.context["form"].initial["seen"]
    return fields | {"first": monday, "seen": seen, "save": "1"} | changes


def test_nothing_affected_is_saved_at_once(as_manager, plan, monday):
    doctor = Practitioner.objects.get()
    data = typed(as_manager, doctor, monday, ("9:30", "12"), ("12:30", "16:00"))

    answer = as_manager.post(address(doctor), data, follow=True)

    assert answer.redirect_chain == [(f"/desk/setup/hours/{doctor.pk}/", 302)]
    page = answer.content.decode()
    assert "Saved. No booking is affected." in page
    assert f"From {monday:%a} {monday.day} {monday:%b %Y}" in page
    assert "09:30–12:00" in page
    assert "12:30–16:00" in page
    assert not Task.objects.exists()


def test_bookings_affected_are_shown_before_anything_is_saved(as_manager, plan, monday):
    doctor = Practitioner.objects.get()
    data = typed(as_manager, doctor, monday, ("13:00", "17:00"))

    answer = as_manager.post(address(doctor), data)

    page = answer.content.decode()
    assert "3 bookings would no longer stand" in page
    assert "Dr Okafor does not work then." in page
    assert "Ada Lovelace" in page
    assert 'value="13:00"' in page
    assert not WeeklyHours.objects.filter(opens=time(13)).exists()


def test_agreeing_saves_and_fills_the_list(as_manager, plan, monday):
    doctor = Practitioner.objects.get()
    data = typed(as_manager, doctor, monday, ("13:00", "17:00"))
    saving = as_manager.post(address(doctor), data).context["saving"]

    answer = as_manager.post(
        address(doctor), data | {"agreed": saving.agreement}, follow=True
    )

    assert "3 bookings are on the list" in answer.content.decode()
    assert Task.objects.open().filter(key__startswith=displaced.KEY).count() == 3
    assert (
        f"/desk/plans/{plan.pk}/repair/"
        in as_manager.get("/desk/to-do/").content.decode()
    )


def test_a_list_that_changed_meanwhile_is_shown_again(as_manager, plan, monday):
    doctor = Practitioner.objects.get()
    data = typed(as_manager, doctor, monday, ("13:00", "17:00"))
    saving = as_manager.post(address(doctor), data).context["saving"]
    Appointment.objects.filter(number=3).update(status="cancelled")

    answer = as_manager.post(address(doctor), data | {"agreed": saving.agreement})

    assert "2 bookings would no longer stand" in answer.content.decode()
    assert not Task.objects.exists()


def test_other_hours_give_other_proposals(as_manager, monday):
    plan = make_approved(make_place_with_people(), session_count=1)
    place = f"/desk/plans/{plan.pk}/series/?earliest={monday}"
    before = as_manager.get(place).content.decode()
    doctor = Practitioner.objects.get()
    as_manager.post(
        address(doctor),
        typed(as_manager, doctor, timezone.localdate(), ("15:00", "18:00")),
    )

    after = as_manager.get(place).content.decode()

    assert f"{monday}T08:00" not in after
    assert before != after


@pytest.mark.parametrize(
    ("shifts", "words"),
    [
        (
            [("09:00", "12:00"), ("11:59", "17:00")],
            "09:00–12:00 and 11:59–17:00 overlap",
        ),
        ([("12:00", "09:00")], "goes over midnight"),
        ([("10:00", "09:00")], "Monday: 10:00–09:00 ends before it starts."),
        ([("22:00", "02:00")], "Give it as two shifts, until 23:59"),
        ([("18:00", "00:00")], "ends at 23:59 at the latest"),
        ([("10:00", "10:00")], "ends before it starts"),
        ([("10:00", "")], "Give both ends of the shift on Monday."),
        ([("", "10:00")], "Give both ends of the shift on Monday."),
        ([("noon", "18:00")], "Give a time of the 24-hour clock, such as 08:30."),
    ],
)
def test_bad_shifts_are_refused_in_words_and_kept(
    as_manager, doctor, monday, shifts, words
):
    data = typed(as_manager, doctor, monday, *shifts)

    answer = as_manager.post(address(doctor), data)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    for at in filter(None, shifts[-1]):
        assert f'value="{at}"' in page
    assert shown(doctor, timezone.localdate())[0][2] == LONG


def test_shifts_that_meet_do_not_overlap(as_manager, doctor, monday):
    data = typed(as_manager, doctor, monday, ("09:00", "12:00"), ("12:00", "17:00"))

    assert as_manager.post(address(doctor), data).status_code == 302


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"first": "2020-01-06"}, "What is past stays as it was."),
        ({"first": ""}, "This field is required."),
        ({"first": "0001-01-01"}, "Give a day between 2000 and 2099."),
        ({"last": "2020-01-06"}, "The last day is before the first."),
    ],
)
def test_bad_dates_are_refused_in_words(as_manager, doctor, monday, changes, words):
    data = typed(as_manager, doctor, monday, ("09:00", "12:00"), **changes)

    answer = as_manager.post(address(doctor), data)

    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_hours_that_somebody_else_changed_are_shown_beside_what_was_typed(
    as_manager, doctor, monday
):
    data = typed(as_manager, doctor, monday, ("10:00", "12:00"))
    WeeklyHours.objects.filter(resource=doctor).update(opens=time(7))

    answer = as_manager.post(address(doctor), data)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody else saved these hours meanwhile." in page
    assert "07:00–18:00" in page
    assert 'value="10:00"' in page

    again = data | {"seen": answer.context["form"].data["seen"]}
    assert as_manager.post(address(doctor), again).status_code == 302


def test_a_day_is_copied_to_others_and_nothing_is_saved(as_manager, doctor, monday):
    data = typed(as_manager, doctor, monday, ("09:15", "12:45"))
    data = {**data, "copy": "1", "source": "0", "target": ["5", "6"]}
    del data["save"]

    form = as_manager.post(address(doctor), data).context["form"]

    assert form.initial["day5-0-opens"] == "09:15"
    assert form.initial["day6-0-closes"] == "12:45"
    assert form.initial["first"] == str(monday)
    assert shown(doctor, timezone.localdate())[0][2] == LONG


def test_there_is_room_for_one_more_shift(as_manager, doctor, monday):
    data = typed(as_manager, doctor, monday, *[("0", "1"), ("2", "3"), ("4", "5")])
    data = {**data, "more": "1"}
    del data["save"]

    form = as_manager.post(address(doctor), data).context["form"]

    assert form.size == 4
    assert form.initial["day0-2-opens"] == "4"


@pytest.mark.parametrize("query", ["?from=x&like=y", "?from=2026-99-01", "?until=z"])
def test_rubbish_in_the_address_is_passed_over(as_manager, doctor, query):
    assert as_manager.get(address(doctor) + query).status_code == 200


def test_somebody_without_hours_starts_today(as_manager):
    doctor = make_doctor(make_location())

    form = as_manager.get(address(doctor)).context["form"]

    assert form.initial["first"] == timezone.localdate()
