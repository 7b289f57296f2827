"""Rings for a worker at once, where a minute's wait for the sweep would be too long."""

from celery import current_app
from kombu.exceptions import OperationalError

LASTS = 900  # seconds: a letter about signing in is of no use later


class NobodyThere(Exception):
    """The broker does not answer: nothing was asked for."""


def ring(task: str, **about: object) -> None:
    """Have a worker do `task` of bookings.tasks; NobodyThere where that is in vain."""
    name = f"bookings.tasks.{task}"
    try:
        current_app.send_task(
            name, kwargs=about, expires=LASTS, retry=False, ignore_result=True
        )
    except OperationalError as error:
        raise NobodyThere from error
