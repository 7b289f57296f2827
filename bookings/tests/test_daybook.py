"""The diary as data: columns, blocks, what is off, and in how many queries."""

import pytest

from bookings.tests.daybook import Clinic

pytestmark = pytest.mark.django_db


def test_an_empty_day_has_a_column_for_whoever_works():
    clinic = Clinic()

    shown = clinic.look()

    assert [(c["title"], c["lane"], c["hours"]) for c in shown["columns"]] == [
        ("Dr Okafor", "", "8:00–18:00")
    ]
    assert shown["hours"] == {"from": "08:00", "until": "18:00"}
    assert shown["blocks"] == shown["off"] == []


def test_a_practitioner_has_a_lane_for_each_room_in_use():
    clinic = Clinic()
    clinic.session(11)
    clinic.session(12, room=clinic.second_room)

    shown = clinic.look()

    assert [c["lane"] for c in shown["columns"]] == ["Room 1", "Room 2"]
    assert [b["columns"] for b in shown["blocks"]] == [
        (shown["columns"][0]["id"],),
        (shown["columns"][1]["id"],),
    ]
