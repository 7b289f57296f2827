"""Pictures on a page: each address is made for the person who opened it."""

from datetime import datetime

from django import template
from django.template.context import Context

from bookings.models import Photo
from bookings.services.photos import links
from bookings.services.photos.links import Size

register = template.Library()


@register.simple_tag(takes_context=True)
def picture(context: Context, photo: Photo, size: str) -> str:
    """The address of `photo`, "small" or "full", for the reader, from the page's `now`.

    The page says when it was made as `now`, and is not to be kept by the browser.
    """
    now: datetime = context["now"]
    viewer = context["request"].user
    return links.address(photo, Size(size), viewer=viewer, now=now)
