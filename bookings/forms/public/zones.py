"""Time zones by the places people know, for whoever travels from elsewhere."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

PLACES = [
    (
        _("Canada"),
        [
            ("America/St_Johns", "St. John’s"),
            ("America/Halifax", "Halifax"),
            ("America/Toronto", _("Ottawa, Toronto, Montréal")),
            ("America/Winnipeg", "Winnipeg"),
            ("America/Regina", "Regina"),
            ("America/Edmonton", "Calgary, Edmonton"),
            ("America/Vancouver", "Vancouver"),
            ("America/Iqaluit", "Iqaluit"),
            ("America/Whitehorse", "Whitehorse"),
        ],
    ),
    (
        _("The Americas"),
        [
            ("America/New_York", "New York"),
            ("America/Chicago", "Chicago"),
            ("America/Denver", "Denver"),
            ("America/Los_Angeles", "Los Angeles"),
            ("America/Mexico_City", "Mexico"),
            ("America/Bogota", "Bogotá"),
            ("America/Sao_Paulo", "São Paulo"),
        ],
    ),
    (
        _("Europe and Africa"),
        [
            ("Europe/London", _("London")),
            ("Europe/Paris", "Paris"),
            ("Africa/Lagos", "Lagos"),
            ("Africa/Casablanca", "Casablanca"),
            ("Europe/Athens", _("Athens")),
            ("Africa/Nairobi", "Nairobi"),
        ],
    ),
    (
        _("Asia and the Pacific"),
        [
            ("Asia/Dubai", _("Dubai")),
            ("Asia/Kolkata", "Mumbai"),
            ("Asia/Shanghai", _("Beijing")),
            ("Asia/Manila", _("Manila")),
            ("Asia/Tokyo", "Tokyo"),
            ("Australia/Sydney", "Sydney"),
            ("Pacific/Auckland", "Auckland"),
        ],
    ),
]
"""The list on the page; the browser may add its own zone to it."""


class ZoneField(forms.ChoiceField):
    """A time zone of the list, or any other that a browser may be in."""

    def __init__(self, **kwargs: Any) -> None:
        first = [("", _("The same as here"))]
        super().__init__(choices=[*first, *PLACES], required=False, **kwargs)

    def valid_value(self, value: Any) -> bool:
        return str(value) in available_timezones()
