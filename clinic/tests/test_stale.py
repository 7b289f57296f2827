"""A form that knows what its page showed: fresh, stale, touched and untouched fields."""

from typing import Any

import pytest
from django import forms
from django.core import signing
from django.http import QueryDict
from django.template.loader import render_to_string

from clinic.models import Location, Room
from clinic.stale import SALT, StaleAwareForm

pytestmark = pytest.mark.django_db

SKILLS = [("treatment", "Treatment"), ("consult", "Talking"), ("rf", "RF")]


class RoomForm(StaleAwareForm):
    """One field of every sort: text, choice of a row, several choices, yes or no."""

    skills = forms.MultipleChoiceField(choices=SKILLS, required=False, label="Skills")

    class Meta:
        model = Room
        fields = ["name", "location", "skills", "is_active"]


@pytest.fixture
def places():
    facts = {"address": "1 Elgin Street", "city": "Ottawa", "phone": "613-555-0100"}
    return [
        Location.objects.create(name=name, slug=name.lower(), **facts)
        for name in ("Centretown", "Westboro")
    ]


@pytest.fixture
def room(places):
    return Room.objects.create(
        name="Room 1", code="room-1", location=places[0], skills=["treatment"]
    )


def posted(form: StaleAwareForm, **typed: Any) -> QueryDict:
    """What a browser sends back: the page as it was shown, and what was `typed`."""
    data = QueryDict(mutable=True)
    for name in form.fields:
        value = typed.get(name, form[name].value())
        if name == "is_active":
            data.update({name: "on"} if value else {})
        elif isinstance(value, list):
            data.setlist(name, value)
        else:
            data[name] = str(value)
    return data


def page(room: Room) -> StaleAwareForm:
    return RoomForm(instance=Room.objects.get(pk=room.pk))


def sent(room: Room, data: QueryDict) -> StaleAwareForm:
    return RoomForm(data, instance=Room.objects.get(pk=room.pk))


def change(room: Room, **facts: Any) -> None:
    Room.objects.filter(pk=room.pk).update(**facts)


def test_a_fresh_page_is_valid_and_carries_nothing_of_its_own_into_the_facts(room):
    form = sent(room, posted(page(room), name="Room 2"))

    assert form.is_valid()
    assert "seen" not in form.cleaned_data
    assert form.cleaned_data["name"] == "Room 2"


def test_a_new_row_has_nothing_to_be_stale_about(places):
    blank = RoomForm()
    data = posted(blank, name="Room 9", location=places[0].pk, skills=["rf"])

    assert RoomForm(data).is_valid()


@pytest.mark.parametrize(
    ("saved", "typed", "clash"),
    [
        ({"name": "A"}, {"name": "B"}, ("Name", "A", "B")),
        ({"is_active": False}, {"is_active": True}, ("Active", "No", "Yes")),
        (
            {"skills": ["consult", "rf"]},
            {"skills": ["rf"]},
            ("Skills", "Talking, RF", "RF"),
        ),
    ],
)
def test_a_stale_page_names_both_versions_as_the_field_shows_them(
    room, saved, typed, clash
):
    data = posted(page(room), **typed)
    change(room, **saved)

    form = sent(room, data)

    assert not form.is_valid()
    (found,) = form.clashes
    assert (found.label.capitalize(), found.saved, found.typed) == clash


def test_a_row_chosen_is_shown_by_its_name(room, places):
    data = posted(page(room))
    change(room, location=places[1])

    form = sent(room, data)

    assert not form.is_valid()
    (found,) = form.clashes
    assert (found.saved, found.typed) == ("Westboro", "Centretown")
    assert not found.was_typed


def test_only_fields_that_somebody_else_changed_are_named(room):
    data = posted(page(room), skills=["rf"])
    change(room, name="A")

    form = sent(room, data)

    assert not form.is_valid()
    assert [clash.name for clash in form.clashes] == ["name"]


@pytest.mark.parametrize(
    ("saved", "value"),
    [
        ({"name": "A"}, "A"),
        ({"skills": ["rf", "consult"]}, ["consult", "rf"]),
        ({"is_active": False}, False),
    ],
)
def test_what_was_not_touched_takes_over_what_is_saved(room, saved, value):
    data = posted(page(room))
    change(room, **saved)

    form = sent(room, data)

    assert not form.is_valid()
    assert form[form.clashes[0].name].value() == value
    again = sent(room, form.data)
    assert again.is_valid()


def test_what_was_typed_stays_and_goes_through_the_second_time(room):
    data = posted(page(room), name="B")
    change(room, name="A")
    form = sent(room, data)
    assert not form.is_valid()
    assert form["name"].value() == "B"

    again = sent(room, form.data)

    assert again.is_valid()
    assert again.cleaned_data["name"] == "B"


def test_a_change_that_was_taken_back_meanwhile_is_no_clash(room):
    data = posted(page(room), name="B")
    change(room, name="A")
    change(room, name="Room 1")

    assert sent(room, data).is_valid()


def test_the_same_change_by_two_is_still_said(room):
    data = posted(page(room), name="A")
    change(room, name="A")

    form = sent(room, data)

    assert not form.is_valid()
    assert [(clash.saved, clash.typed) for clash in form.clashes] == [("A", "A")]


@pytest.mark.parametrize(
    "seen",
    ["", "forged", signing.dumps({}, salt="other")],
    ids=["empty", "forged", "sealed for something else"],
)
def test_a_page_that_cannot_say_what_it_showed_is_stale(room, seen):
    data = posted(page(room), name="B") | {"seen": seen}
    data["seen"] = seen

    form = sent(room, data)

    assert not form.is_valid()
    assert {clash.name for clash in form.clashes} == {
        "name",
        "location",
        "skills",
        "is_active",
    }


def test_what_was_seen_is_signed_and_readable_by_nobody_else(room):
    seen = page(room).initial["seen"]

    assert signing.loads(seen, salt=SALT)["name"] == "Room 1"
    with pytest.raises(signing.BadSignature):
        signing.loads(seen[:-1] + ("a" if seen[-1] != "a" else "b"), salt=SALT)


def test_a_prefix_keeps_two_forms_apart(room):
    shown = RoomForm(instance=room, prefix="one")
    data = QueryDict(mutable=True)
    for name, value in posted(page(room)).lists():
        data.setlist(f"one-{name}", value)
    data["one-seen"] = shown.initial["seen"]
    change(room, name="A")

    form = RoomForm(data, instance=Room.objects.get(pk=room.pk), prefix="one")

    assert not form.is_valid()
    assert form.data["one-name"] == "A"


def test_words_that_look_like_markup_are_shown_as_words(room):
    data = posted(page(room), name="<b>B</b>")
    change(room, name="A")
    form = sent(room, data)
    form.is_valid()

    shown = render_to_string("components/stale.html", {"form": form})

    assert "&lt;b&gt;B&lt;/b&gt;" in shown
    assert "<b>B</b>" not in shown
