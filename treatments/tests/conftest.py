import pytest

from clinic.models import User


@pytest.fixture
def director() -> User:
    return User.objects.create_user(email="director@example.org", password="a fine one")
