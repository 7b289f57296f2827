"""The demo's sign-ins. They are printed on purpose and open nothing but the demo."""

from django.utils.translation import gettext_noop

DEMO_PASSWORD = "larkspur-quarry-demo"  # noqa: S105 - meant to be read

# Role, e-mail address, password.
DEMO_SIGN_INS = [
    (gettext_noop("Front desk"), "desk@example.org", DEMO_PASSWORD),
    (gettext_noop("Clinician"), "doctor@example.org", DEMO_PASSWORD),
    (gettext_noop("Manager"), "manager@example.org", DEMO_PASSWORD),
]
