"""Sign-in by what was sent to a mailbox: it opens accounts that have no powers at all.

Who holds a mailbox has shown less than who knows a password. So whatever account is
opened by a code or a link must not be, nor become while it is open, one of the staff's.
"""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db.models import Exists, OuterRef, Q, QuerySet

from clinic.models import Practitioner, User

MAILBOX = "clinic.backends.MailboxBackend"


def _has(rows: QuerySet[User]) -> QuerySet[Any, Any]:
    return rows.filter(pk=OuterRef("pk")).values("pk")


def staff() -> QuerySet[User]:
    """Accounts with any power: a flag, a role, a permission, or a practitioner's own."""
    everyone = User.objects.all()
    return everyone.filter(
        Q(is_staff=True)
        | Q(is_superuser=True)
        | Exists(_has(everyone.filter(groups__isnull=False)))
        | Exists(_has(everyone.filter(user_permissions__isnull=False)))
        | Exists(Practitioner.objects.filter(user=OuterRef("pk")))
    )


def powerless() -> QuerySet[User]:
    """All other accounts: those a code or a link may open."""
    return User.objects.exclude(pk__in=staff().values("pk"))


class MailboxBackend(BaseBackend):
    """Keeps a session open that began with a code or a link."""

    def get_user(self, user_id: int) -> User | None:
        """The account, as long as it is active and has no powers."""
        return powerless().filter(pk=user_id, is_active=True).first()
