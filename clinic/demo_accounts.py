"""The demo's sign-ins. They are printed on purpose and open nothing but the demo.

The launcher reads this before there are settings, so it stays plain Python.
"""

DEMO_PASSWORD = "larkspur-quarry-demo"  # noqa: S105 - meant to be read

# Role, e-mail address, password.
DEMO_SIGN_INS = [
    ("Front desk", "desk@example.org", DEMO_PASSWORD),
    ("Clinician", "doctor@example.org", DEMO_PASSWORD),
    ("Manager", "manager@example.org", DEMO_PASSWORD),
]

# Patients need no password; this one has one, since the demo sends no e-mail.
DEMO_PATIENT = ("Patient", "anouk.desrosiers@example.org", DEMO_PASSWORD)
