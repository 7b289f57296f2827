"""A published protocol never changes: tried with real statements, not with models."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from treatments.models import Protocol
from treatments.services.catalogue import PARTS as MODELS
from treatments.tests.factories import PARTS, make_draft, make_part, make_treatment

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
SEALED = "A published protocol never changes. Publish a new version."
TABLES = {model._meta.db_table: model for model in MODELS.values()}

pytestmark = pytest.mark.django_db


def make_published(**fields) -> Protocol:
    protocol = make_draft(**fields)
    for part in PARTS:
        make_part(protocol, part)
    Protocol.objects.filter(pk=protocol.pk).update(published_at=NOW)
    protocol.refresh_from_db()
    return protocol


def execute(sql: str, *params: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


def refuse(sql: str, *params: object) -> None:
    with pytest.raises(IntegrityError, match=SEALED):
        execute(sql, *params)


@pytest.mark.parametrize(
    "change",
    [
        "gap_min_days = 41",
        "gap_source = 'S0'",
        "max_depth_mm = 1.9",
        "version = 9",
        "published_at = NULL",
        "published_at = published_at + interval '1 second'",
    ],
)
def test_a_published_protocol_is_not_updated(change):
    protocol = make_published()

    refuse(f"UPDATE treatments_protocol SET {change} WHERE id = %s", protocol.pk)


def test_a_published_protocol_is_not_deleted():
    protocol = make_published()

    refuse("DELETE FROM treatments_protocol WHERE id = %s", protocol.pk)
    with pytest.raises(IntegrityError, match=SEALED), transaction.atomic():
        protocol.delete()


@pytest.mark.parametrize("table", TABLES)
def test_a_row_of_a_published_protocol_is_not_updated(table):
    make_published()

    refuse(f"UPDATE {table} SET source = 'S0 S1'")
    refuse(f"UPDATE {table} SET position = 7")


@pytest.mark.parametrize("table", TABLES)
def test_a_row_of_a_published_protocol_is_not_deleted(table):
    make_published()

    refuse(f"DELETE FROM {table}")


@pytest.mark.parametrize("part", PARTS)
def test_a_published_protocol_gets_no_more_rows(part):
    protocol = make_draft()
    Protocol.objects.filter(pk=protocol.pk).update(published_at=NOW)

    with pytest.raises(IntegrityError, match=SEALED), transaction.atomic():
        make_part(protocol, part)


@pytest.mark.parametrize("table", TABLES)
def test_a_row_moves_neither_into_nor_out_of_a_published_protocol(table):
    published, draft = make_published(), make_draft()
    other = make_draft()
    for part in PARTS:
        make_part(other, part)
    move = f"UPDATE {table} SET protocol_id = %s WHERE protocol_id = %s"

    refuse(move, draft.pk, published.pk)
    refuse(move, published.pk, other.pk)
    execute(move, draft.pk, other.pk)


@pytest.mark.parametrize("table", TABLES)
def test_a_draft_changes_freely(table):
    protocol = make_draft()
    for part in PARTS:
        make_part(protocol, part)

    execute(f"UPDATE {table} SET source = 'S0'")
    execute(f"DELETE FROM {table}")
    protocol.delete()

    assert not Protocol.objects.exists()


@pytest.mark.parametrize("table", ["treatments_protocol", *TABLES])
def test_an_approval_is_all_that_a_published_row_takes_and_it_takes_it_once(
    table, director
):
    make_published()
    approve = f"UPDATE {table} SET approved_by_id = %s, approved_at = %s"

    execute(approve, director.pk, NOW)

    execute(approve, director.pk, NOW)
    refuse(approve, director.pk, NOW + timedelta(days=1))
    refuse(f"UPDATE {table} SET approved_by_id = NULL, approved_at = NULL")


@pytest.mark.parametrize("table", ["treatments_protocol", *TABLES])
def test_an_approval_smuggles_nothing_in(table, director):
    make_published()
    what = "gap_max_days = 57" if table == "treatments_protocol" else "position = 9"

    refuse(
        f"UPDATE {table} SET approved_by_id = %s, approved_at = %s, {what}",
        director.pk,
        NOW,
    )


# --- Which protocol is the current one -----------------------------------------------


def test_the_newest_published_version_is_current():
    treatment = make_treatment()
    make_published(treatment=treatment, version=1)
    second = make_published(treatment=treatment, version=2)
    make_draft(treatment=treatment, version=3)
    other = make_published()

    assert treatment.current_protocol() == second
    assert set(Protocol.objects.current()) == {second, other}
    assert Protocol.objects.published().count() == 3


def test_a_treatment_without_a_published_protocol_is_not_offered():
    treatment = make_draft().treatment

    assert treatment.current_protocol() is None
    assert not type(treatment).objects.offered().exists()


def test_a_protocol_with_its_contents_takes_as_many_queries_for_one_as_for_three(
    django_assert_num_queries,
):
    def read() -> None:
        for protocol in Protocol.objects.current().with_contents():
            assert protocol.treatment.name
            assert protocol.total_minutes == 30
            assert protocol.sessions_for(["acne-scars"]).usual == 3
            assert len(protocol.care()) == len(protocol.suitability_rules()) == 1

    make_published()
    with django_assert_num_queries(8):
        read()

    make_published()
    make_published()
    with django_assert_num_queries(8):
        read()
