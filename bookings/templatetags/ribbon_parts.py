"""The small parts of a ribbon, of which a page has hundreds: too many for templates."""

from typing import Any

from django import template
from django.utils.html import format_html

from bookings.ribbon.parts import Box, Text

register = template.Library()


@register.simple_tag
def ribbon_box(
    box: Box, kind: str, fill: str = "", id: str = "", round: int = 0
) -> Any:
    """A rectangle; `fill` names one of the patterns of the drawing called `id`."""
    pattern = format_html(' fill="url(#{}-{})"', fill, id) if fill else ""
    corners = format_html(' rx="{}"', round) if round else ""
    return format_html(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"{}{} />',
        kind,
        box.x,
        box.y,
        box.width,
        box.height,
        pattern,
        corners,
    )


@register.simple_tag
def ribbon_words(text: Text) -> Any:
    """A text of a drawing, without its icon."""
    start = text.anchor == "start"
    anchor = "" if start else format_html(' text-anchor="{}"', text.anchor)
    return format_html(
        '<text class="rb-{}" x="{}" y="{}"{}>{}</text>',
        text.kind,
        text.x,
        text.y,
        anchor,
        text.text,
    )
