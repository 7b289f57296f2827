"""Rows inserted in one statement: in order, counted, with what they default to."""

import pytest
from django.db import IntegrityError, transaction

from bookings.models import AwayDates
from bookings.services.inserting import insert
from bookings.tests.factories import TODAY, make_patient

pytestmark = pytest.mark.django_db


def away(patient, label, first=TODAY):
    return AwayDates(patient=patient, first_day=first, last_day=TODAY, label=label)


def test_rows_go_in_in_their_order_and_tell_their_keys():
    one, other = make_patient(), make_patient()

    keys = insert([away(one, "Halifax"), away(other, "Quebec")], "id", "label")

    assert keys == list(AwayDates.objects.order_by("pk").values_list("pk", "label"))
    assert [label for _key, label in keys] == ["Halifax", "Quebec"]


def test_a_row_in_conflict_is_left_out_where_that_is_asked_for():
    one, other = make_patient(), make_patient()
    insert([away(one, "Halifax")], "id")

    went_in = insert(
        [away(one, "again"), away(other, "Quebec")], "label", skip_conflicts=True
    )

    assert went_in == [("Quebec",)]


def test_a_row_in_conflict_is_an_error_otherwise():
    patient = make_patient()
    insert([away(patient, "Halifax")], "id")

    broken = pytest.raises(IntegrityError, match="away_dates_are_kept_once")
    with broken, transaction.atomic():
        insert([away(patient, "again")], "id")


def test_nothing_to_insert_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert insert([], "id") == []


def test_a_moment_that_the_row_sets_itself_is_set():
    patient = make_patient()
    patient.pk = None

    [(key, created_at)] = insert([patient], "id", "created_at")

    assert created_at == type(patient).objects.get(pk=key).created_at
