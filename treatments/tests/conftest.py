import pytest
from django.contrib.auth.models import Group

from clinic import roles
from clinic.models import User


@pytest.fixture
def director() -> User:
    return User.objects.create_user(email="director@example.org", password="a fine one")


@pytest.fixture
def head(db) -> User:
    """The medical director, with the rights of one."""
    roles.load_roles()
    user = User.objects.create_user(
        email="head@example.org", password="a fine one", last_name="Okafor"
    )
    user.groups.add(Group.objects.get(name=roles.MEDICAL_DIRECTOR))
    return user
