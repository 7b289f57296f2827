"""The settings as a test run reads them: the same, in places of its own."""

from clinic.pytest_servers import point_the_settings

point_the_settings()

from clinic.settings import *  # noqa: E402, F403

# Accounts of tests do not need a hash that is slow on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Nothing is collected: pages take their files from where they lie.
STATIC_ROOT = VAR_DIR / "staticfiles"  # noqa: F405
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
