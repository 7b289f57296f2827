"""The roles: what each may do, and that loading them twice is harmless."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from clinic import roles
from clinic.models import User

pytestmark = pytest.mark.django_db


def said_by_the_command() -> str:
    out = StringIO()
    call_command("load_roles", stdout=out)
    return out.getvalue()


def member_of(role: str) -> User:
    user = User.objects.create_user("someone@example.org")
    user.groups.add(Group.objects.get(name=role))
    return user


def test_each_role_holds_exactly_its_permissions():
    roles.load_roles()

    for role, names in roles.ROLES.items():
        group = Group.objects.get(name=role)
        held = {
            f"{row.content_type.app_label}.{row.codename}"
            for row in group.permissions.select_related("content_type")
        }
        assert held == set(names)


def test_front_desk_books_but_does_not_sign():
    roles.load_roles()

    desk = member_of(roles.FRONT_DESK)

    assert desk.has_perm("bookings.add_appointment")
    assert not desk.has_perm("bookings.review_treatmentplan")


def test_a_clinician_signs_but_does_not_book():
    roles.load_roles()

    clinician = member_of(roles.CLINICIAN)

    assert clinician.has_perm("bookings.review_treatmentplan")
    assert not clinician.has_perm("bookings.add_appointment")


def test_a_manager_may_do_what_both_may_and_set_the_clinic_up():
    both = set(roles.ROLES[roles.FRONT_DESK]) | set(roles.ROLES[roles.CLINICIAN])

    assert set(roles.ROLES[roles.MANAGER]) == both | {"clinic.set_up_clinic"}


def test_loading_twice_changes_nothing_and_says_so():
    first = said_by_the_command()
    second = said_by_the_command()

    assert first.splitlines() == [
        f"{role} (new): permissions {len(names)} gained, 0 lost"
        for role, names in roles.ROLES.items()
    ]
    assert second == "The roles are as they should be; nothing changed.\n"


def test_loading_takes_back_what_a_role_should_not_hold():
    roles.load_roles()
    extra = Permission.objects.get(codename="review_treatmentplan")
    Group.objects.get(name=roles.FRONT_DESK).permissions.set([extra])

    said = said_by_the_command()

    wanted = len(roles.ROLES[roles.FRONT_DESK])
    assert said == f"Front desk: permissions {wanted} gained, 1 lost\n"


def test_an_unknown_permission_changes_nothing(monkeypatch):
    monkeypatch.setitem(roles.ROLES, "Visitor", ("bookings.fly",))

    with pytest.raises(CommandError, match=r"No such permission: bookings\.fly"):
        call_command("load_roles")

    assert not Group.objects.exists()
