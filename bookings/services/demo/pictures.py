"""The demo's photos: drawn skin, no person's; its marks fade from visit to visit."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from random import Random
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    Consent,
    ConsentKind,
    Patient,
    Photo,
    PhotoAngle,
    PhotoMoment,
    TreatmentPlan,
)
from bookings.services.consenting import wording
from bookings.services.demo.world import World

WIDTH, HEIGHT = 600, 750
SMALL = (320, 400)
SIDES = (PhotoAngle.FRONT, PhotoAngle.LEFT, PhotoAngle.RIGHT)
SHOWN = (
    ("Whitlock", (*SIDES, PhotoAngle.CLOSE)),
    ("Desrosiers", SIDES),
    ("Tremblay", SIDES),
    ("Abara", (PhotoAngle.FRONT, PhotoAngle.LEFT)),
)
TONES = ((233, 193, 166), (219, 172, 142), (240, 205, 183), (141, 96, 70))
LIGHT = {PhotoAngle.LEFT: 70, PhotoAngle.RIGHT: -70, PhotoAngle.FRONT: 0}  # degrees
BEFORE = timedelta(minutes=20)  # from the photos to the end of the first talk
FADES = 0.45  # of the marks, from one visit to the next


@dataclass(frozen=True, slots=True)
class Look:
    """How one side of somebody's skin looks: `faded` goes from 0 to 1."""

    who: str
    tone: tuple[int, int, int]
    angle: PhotoAngle
    faded: float


def write(world: World) -> None:
    """Give four patients of the stories a yes to photos, and photos so far."""
    plans = {
        plan.patient.last_name: plan
        for plan in TreatmentPlan.objects.with_people()
        .filter(patient__in=world.patients, patient__last_name__in=dict(SHOWN))
        .prefetch_related("areas__area")
        .order_by("-pk")
    }
    rows: list[Photo] = []
    for (name, angles), tone in zip(SHOWN, TONES, strict=True):
        plan = plans[name]
        consent = _agreed(plan.patient, plan.drafted_at - BEFORE * 2)
        rows += _course(world, plan, consent, angles, tone)
    Photo.objects.bulk_create(rows)


def _agreed(patient: Patient, at: datetime) -> Consent:
    words = wording.for_photos(patient.language)
    return Consent.objects.create(
        patient=patient,
        kind=ConsentKind.PHOTOS,
        is_given=True,
        words=words.text,
        text_version=words.version,
        language=words.language,
        signed_name=str(patient),
        source="portal",
        at=at,
    )


def _course(
    world: World,
    plan: TreatmentPlan,
    consent: Consent,
    angles: Iterable[PhotoAngle],
    tone: tuple[int, int, int],
) -> Iterator[Photo]:
    """The baseline, and what was taken at each session that is over."""
    times: list[tuple[Appointment | None, datetime]] = [
        (None, plan.drafted_at - BEFORE),
        *((one, one.starts_at) for one in _done(plan)),
    ]
    about = {
        "patient": plan.patient,
        "plan": plan,
        "consent": consent,
        "area": plan.areas.all()[0].area,
        "added_by": world.staff["Okafor"],
    }
    for visit, (session, at) in enumerate(times):
        for angle in angles:
            look = Look(plan.patient.last_name, tone, angle, min(visit * FADES, 0.9))
            name = f"demo-{look.who.lower()}-{visit}-{angle}.jpg"
            yield _photo(session, at, angle, **about, **_kept(look, name))


def _photo(
    session: Appointment | None, at: datetime, angle: PhotoAngle, **facts: Any
) -> Photo:
    return Photo(
        appointment=session,
        moment=PhotoMoment.SESSION if session else PhotoMoment.BASELINE,
        angle=angle,
        taken_at=at,
        added_at=at + BEFORE / 2,
        **facts,
    )


def _done(plan: TreatmentPlan) -> list[Appointment]:
    rows = plan.appointments.filter(
        kind=AppointmentKind.SESSION, status=AppointmentStatus.DONE
    )
    return list(rows.order_by("number"))


def _kept(look: Look, name: str) -> dict[str, Any]:
    """The facts of the file; the same name always holds the same picture."""
    picture = draw(look)
    data, small = _jpeg(picture, 88), _jpeg(picture.resize(SMALL), 82)
    return {
        "file": _stored("file", f"photos/{name}", data),
        "thumbnail": _stored("thumbnail", f"photos/small/{name}", small),
        "width": picture.width,
        "height": picture.height,
        "size": len(data),
        "fingerprint": hashlib.sha256(data).hexdigest(),
    }


def _stored(field: str, name: str, data: bytes) -> str:
    storage = Photo._meta.get_field(field).storage  # type: ignore[union-attr]
    if storage.exists(name):
        return name
    return str(storage.save(name, ContentFile(data)))


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def draw(look: Look) -> Image.Image:
    """A patch of skin in soft light, with marks where this side always has them."""
    dice = Random(f"{look.who} {look.angle}")  # noqa: S311 - dice, not secrets
    ground = Image.new("RGB", (WIDTH, HEIGHT), look.tone)
    marks = _marks(dice, look).filter(ImageFilter.GaussianBlur(5))
    ground.paste(Image.new("RGB", ground.size, _redder(look.tone)), mask=marks)
    lit = ImageChops.multiply(ground, _shade(look).convert("RGB"))
    _name(lit)
    return lit


def _redder(tone: tuple[int, int, int]) -> tuple[int, int, int]:
    red, green, blue = tone
    return int(red * 0.82), int(green * 0.55), int(blue * 0.5)


def _marks(dice: Random, look: Look) -> Image.Image:
    """Where the skin is marked, and how much: the same places, ever paler."""
    mask = Image.new("L", (WIDTH, HEIGHT), 0)
    pen = ImageDraw.Draw(mask)
    for _mark in range(46 if look.angle != PhotoAngle.CLOSE else 14):
        x, y = dice.gauss(WIDTH / 2, WIDTH / 5), dice.gauss(HEIGHT / 2, HEIGHT / 5)
        wide = dice.uniform(4, 14) * (2.4 if look.angle == PhotoAngle.CLOSE else 1)
        high = wide * dice.uniform(0.7, 1.3)
        depth = int(dice.uniform(90, 230) * (1 - look.faded))
        pen.ellipse((x - wide, y - high, x + wide, y + high), fill=depth)
    return mask


def _shade(look: Look) -> Image.Image:
    """Light that falls from the side the photo is taken from."""
    fall = Image.radial_gradient("L").resize((WIDTH * 2, HEIGHT * 2))
    shift = int(WIDTH / 2 + LIGHT.get(look.angle, 0) * 2)
    fall = fall.crop((shift, HEIGHT // 3, shift + WIDTH, HEIGHT // 3 + HEIGHT))
    return fall.point([255 - level * 2 // 5 for level in range(256)])


def _name(picture: Image.Image) -> None:
    """Say on the picture itself that it is drawn."""
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=18)
    pen.text((20, HEIGHT - 38), "Drawn for the demo", fill=(255, 255, 255), font=font)
