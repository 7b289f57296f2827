"""Which two photos to lay side by side: one area from one side, before and after."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bookings.models import Photo, PhotoAngle, PhotoMoment

RANK = {angle: rank for rank, angle in enumerate(PhotoAngle.values)}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two photos to compare, the earlier first as far as it was left to us."""

    before: Photo
    after: Photo

    @property
    def matches(self) -> bool:
        """Whether both show the same area from the same side."""
        return _side(self.before) == _side(self.after)

    @property
    def days(self) -> int:
        """Whole days between them."""
        return abs((self.after.taken_at - self.before.taken_at).days)

    @property
    def side(self) -> str:
        """The side of the earlier one, in words."""
        return str(PhotoAngle(self.before.angle).label)


def suggested(photos: Iterable[Photo], *, plan_id: int | None = None) -> list[Pair]:
    """The pairs worth comparing: for each area and side the baseline and the newest.

    Those that reach the result come first, then by side, the front before all; with
    `plan_id` first those of that plan.
    """
    sides: dict[tuple[int, str], list[Photo]] = defaultdict(list)
    for photo in photos:
        sides[_side(photo)].append(photo)
    pairs = [pair for rows in sides.values() if (pair := pair_of(rows))]
    return sorted(pairs, key=lambda pair: _worth(pair, plan_id))


def chosen(
    photos: Sequence[Photo],
    before: int | None,
    after: int | None,
    *,
    plan_id: int | None = None,
) -> Pair | None:
    """The two photos asked for by key; what is not said is found to match."""
    known = {photo.pk: photo for photo in photos}
    first, second = known.get(before or 0), known.get(after or 0)
    if first and second:
        return Pair(first, second)
    pairs = suggested(photos, plan_id=plan_id)
    if one := first or second:
        return _with(one, photos, is_before=first is not None)
    return pairs[0] if pairs else None


def by_side(photos: Iterable[Photo]) -> list[tuple[str, list[Photo]]]:
    """All photos to choose from, under their area and side in words, by time."""
    sides: dict[tuple[str, int], list[Photo]] = defaultdict(list)
    for photo in photos:
        sides[str(photo.area), RANK[photo.angle]].append(photo)
    return [
        (f"{area}, {rows[0].get_angle_display()}", rows)
        for (area, _rank), rows in sorted(sides.items())
    ]


def _with(one: Photo, photos: Sequence[Photo], *, is_before: bool) -> Pair | None:
    """`one` beside the newest or the first other photo of its side."""
    others = [p for p in photos if _side(p) == _side(one) and p.pk != one.pk]
    if not others:
        return None
    if is_before:
        return Pair(one, max(others, key=_when))
    return Pair(_baseline(others), one)


def pair_of(rows: Sequence[Photo]) -> Pair | None:
    """The baseline and the newest of `rows`, all of one side; None without a later one."""
    before = _baseline(rows)
    later = [p for p in rows if _when(p) > _when(before)]
    results = [p for p in later if p.moment == PhotoMoment.RESULT]
    newest = max(results or later, key=_when, default=None)
    return Pair(before, newest) if newest else None


def _baseline(rows: Sequence[Photo]) -> Photo:
    """The first photo from before a series; without one the first of all."""
    firsts = [photo for photo in rows if photo.moment == PhotoMoment.BASELINE]
    return min(firsts or rows, key=_when)


def _worth(pair: Pair, plan_id: int | None) -> tuple[bool, bool, int, int]:
    is_other = plan_id is not None and plan_id not in (
        pair.before.plan_id,
        pair.after.plan_id,
    )
    lacks_result = pair.after.moment != PhotoMoment.RESULT
    return is_other, lacks_result, RANK[pair.before.angle], -pair.after.pk


def _side(photo: Photo) -> tuple[int, str]:
    return photo.area_id, photo.angle


def _when(photo: Photo) -> tuple[object, int]:
    return photo.taken_at, photo.pk
