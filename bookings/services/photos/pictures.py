"""Pictures judged by what is in them, and kept without what the camera wrote down.

A picture is decoded and written anew: nothing that is not a picture comes through, and
neither the place and time in it nor the words. What the eye sees stays: every pixel,
upright, in colours every screen reads alike (sRGB), and as fine as it came.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageFile, ImageOps, JpegImagePlugin

from bookings.services.refusals import BookingRefused

MEGABYTE = 1024 * 1024
LARGEST = 25 * MEGABYTE
MOST_PIXELS = 50_000_000  # what the finest telephone takes; three bytes each in memory
SMALL_SIDE = 480  # pixels of the longer side of a thumbnail
SMALL_QUALITY = 82
HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
FULL_COLOUR = 0  # Pillow's name for 4:4:4
ICC = "icc_profile"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of picture: what it is called on the way, and how its name ends."""

    content_type: str
    ending: str


JPEG = Kind("image/jpeg", ".jpg")
KINDS = {
    "JPEG": JPEG,
    "MPO": JPEG,  # as some telephones write it: the first of its pictures counts
    "PNG": Kind("image/png", ".png"),
    "WEBP": Kind("image/webp", ".webp"),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture fit to keep, and a small one of it (JPEG). Sizes are in pixels."""

    data: bytes
    small: bytes
    kind: Kind
    width: int
    height: int

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what is kept, in hexadecimal: the same file has the same."""
        return hashlib.sha256(self.data).hexdigest()


def read(upload: "UploadedFile[Any]") -> Picture:
    """What `upload` shows, whatever its name and sender say; or refuse in words."""
    _judge_bytes(upload)
    with _opened(upload) as image:
        kind = _judge_header(image)
        upright = _decoded(image)
        return Picture(
            data=_written(upright, image),
            small=_small(upright),
            kind=kind,
            width=upright.width,
            height=upright.height,
        )


def _judge_bytes(upload: "UploadedFile[Any]") -> None:
    if not upload.size:
        raise BookingRefused(_("The file is empty. Choose it again."))
    if upload.size > LARGEST:
        raise BookingRefused(_("The photo is larger than 25 MB. Make it smaller."))
    upload.seek(0)
    start = upload.read(12)
    upload.seek(0)
    if start[4:8] == b"ftyp" and start[8:12] in HEIC:
        raise BookingRefused(
            _(
                "This is a HEIC photo, which not every screen can show. On the iPhone "
                "or iPad choose Settings, Camera, Formats, Most Compatible; or send "
                "it as JPEG."
            )
        )


def _opened(upload: "UploadedFile[Any]") -> Image.Image:
    """The picture with its header read and no pixel yet."""
    try:
        return Image.open(upload, formats=["JPEG", "PNG", "WEBP"])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except Exception as error:  # a decoder fed with rubbish raises nearly anything
        raise _no_picture() from error


def _judge_header(image: Image.Image) -> Kind:
    if image.width * image.height > MOST_PIXELS:
        raise _too_many_pixels()
    if getattr(image, "is_animated", False) and image.format != "MPO":
        raise BookingRefused(_("This picture moves. Only still photos are kept."))
    return KINDS[image.format or ""]


def _decoded(image: Image.Image) -> Image.Image:
    """Every pixel, upright, in sRGB, on white where it could be seen through."""
    try:
        # What prints our papers allows halves of pictures everywhere; a photo is whole.
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        image.load()
        upright = ImageOps.exif_transpose(image)
        return _bare(_on_white(_in_common_colours(upright)))
    except Exception as error:
        raise _no_picture() from error


def _in_common_colours(image: Image.Image) -> Image.Image:
    """The picture in sRGB; one whose colour profile is broken stays as it is."""
    profile = image.info.get(ICC)
    if not profile or image.mode not in ("RGB", "CMYK"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        told = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image
    return told or image


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # sixteen bits a pixel: keep the upper eight
        image = image.point(lambda value: value / 256).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    seen_through = image.convert("RGBA")
    ground = Image.new("RGB", image.size, "white")
    ground.paste(seen_through, mask=seen_through.getchannel("A"))
    return ground


def _bare(image: Image.Image) -> Image.Image:
    """The pixels and nothing else: words in a file would go along from copy to copy."""
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    return bare


def _written(image: Image.Image, source: Image.Image) -> bytes:
    """`image` as bytes of the kind of `source`."""
    out = BytesIO()
    _WRITERS[source.format or ""](image, source, out)
    return out.getvalue()


def _write_jpeg(image: Image.Image, source: Any, out: BytesIO) -> None:
    """As fine as it came: with the tables by which the camera itself rounded."""
    sampling = JpegImagePlugin.get_sampling(source)
    is_turned = image.size != source.size
    image.save(
        out,
        "JPEG",
        qtables=source.quantization,
        subsampling=FULL_COLOUR if is_turned or sampling < 0 else sampling,
    )


def _write_png(image: Image.Image, _source: Any, out: BytesIO) -> None:
    image.save(out, "PNG")


def _write_webp(image: Image.Image, _source: Any, out: BytesIO) -> None:
    image.save(out, "WEBP", quality=95)


_WRITERS: dict[str, Callable[[Image.Image, Any, BytesIO], None]] = {
    "JPEG": _write_jpeg,
    "MPO": _write_jpeg,
    "PNG": _write_png,
    "WEBP": _write_webp,
}


def _small(image: Image.Image) -> bytes:
    small = image.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE), reducing_gap=3.0)
    out = BytesIO()
    small.save(out, "JPEG", quality=SMALL_QUALITY)
    return out.getvalue()


def _no_picture() -> BookingRefused:
    return BookingRefused(
        _("Only whole JPEG, PNG and WebP photos are kept. This is none, or broken.")
    )


def _too_many_pixels() -> BookingRefused:
    return BookingRefused(
        _("The photo has more than 50 million pixels. Make it smaller.")
    )
