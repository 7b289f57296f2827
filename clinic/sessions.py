"""Sessions in the database, with a cache before it that may be down at any moment.

Django's own write-through sessions forgive a cache that cannot be written, but not
one that cannot be reached at all: then nobody could ask the clinic for anything.
"""

import logging
from typing import Any

from django.contrib.sessions.backends import cached_db, db

logger = logging.getLogger(__name__)


class SessionStore(cached_db.SessionStore):
    """As `cached_db`; where the cache fails, the database alone will do."""

    def load(self) -> dict[str, Any]:
        """The session's data, from the cache or else from the database."""
        try:
            found: dict[str, Any] = super().load()
        except Exception:  # whatever the cache's client raises
            logger.exception("The cache of sessions does not answer.")
            found = db.SessionStore.load(self)
        return found

    def exists(self, session_key: str) -> bool:
        """Whether the key is in use; the database knows every one."""
        return db.SessionStore.exists(self, session_key)

    def delete(self, session_key: str | None = None) -> None:
        """Forget the session in both places, or in the one that can be reached."""
        try:
            super().delete(session_key)
        except Exception:  # the row goes first, so that only its copy stays a while
            logger.exception("The cache of sessions does not answer.")
