"""The ruler above the track: weeks, days and months."""

from datetime import date

from bookings.ribbon import text
from bookings.ribbon.frame import Axis, crisp
from bookings.ribbon.parts import Ruler, Text
from bookings.ribbon.values import Size, Words, monday

DAY_TICKS_FROM = 5
NUMBER_ROOM = 24
FIRST_MONTH_ROOM = 8


def ruler_for(
    axis: Axis, size: Size, words: Words, week_one: date | None = None
) -> Ruler:
    """The level ruler of `size`; with `week_one` it counts weeks from that day's."""
    height = size.value.ruler
    tall = 6 if size is Size.COMPACT else 14
    short = axis.scale >= DAY_TICKS_FROM and size is not Size.COMPACT
    days = axis.days() if short else ()
    return Ruler(
        base=f"M0 {height - 0.5:g}H{axis.length:g}",
        weeks=_ticks([axis.at(day) for day in axis.mondays()], height, tall),
        days=_ticks([axis.at(day) for day in days], height, 3.5),
        texts=_texts(axis, size, words, week_one),
    )


def _ticks(places: list[float], height: float, length: float) -> str:
    return "".join(f"M{crisp(place)} {height:g}v-{length:g}" for place in places)


def _texts(
    axis: Axis, size: Size, words: Words, week_one: date | None
) -> tuple[Text, ...]:
    if week_one:
        return _weeks(axis, words, week_one)
    names = _months(axis, words, with_year=size is not Size.COMPACT)
    if size is Size.COMPACT or axis.scale * 7 < NUMBER_ROOM:
        return names
    numbers = (Text(axis.at(d) + 2, 27, str(d.day), "wk") for d in axis.mondays())
    return (*names, *numbers)


def _weeks(axis: Axis, words: Words, week_one: date) -> tuple[Text, ...]:
    start = monday(week_one)
    return tuple(
        Text(axis.at(day) + 4, 27, words.week((day - start).days // 7), "wk")
        for day in axis.mondays()
        if day >= start
    )


def _months(axis: Axis, words: Words, *, with_year: bool) -> tuple[Text, ...]:
    """A name at the first Monday of each month, and at the very first if it fits.

    The first name and every January carry the year.
    """
    firsts = [day for day in axis.mondays() if day.day <= 7]
    opening = axis.mondays()[0]
    room = axis.at(firsts[0]) if firsts else axis.length
    if opening not in firsts and _fits(words.month(opening, with_year), room):
        firsts.insert(0, opening)
    return tuple(
        Text(
            axis.at(day) + (0 if day == opening else 1),
            12,
            words.month(day, with_year and (day == firsts[0] or day.month == 1)),
            "month",
        )
        for day in firsts
    )


def _fits(name: str, room: float) -> bool:
    return text.width(name, 12) + FIRST_MONTH_ROOM <= room
