"""The project, and the clinic itself: its places, people, devices and hours."""

from clinic.celery import app as celery_app

__all__ = ["celery_app"]
