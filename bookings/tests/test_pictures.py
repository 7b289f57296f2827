"""What is a picture, and what of it is kept: every pixel upright, and nothing besides."""

from io import BytesIO
from random import Random
from zlib import crc32

import pytest
from PIL import Image, ImageCms, ImageFile, PngImagePlugin

from bookings.services.photos import pictures
from bookings.services.refusals import BookingRefused
from bookings.tests.photos import image, told, upload

SECRET = b"Ada Lovelace"
ORIENTATION, GPS, ARTIST = 0x0112, 0x8825, 0x013B


def read(data, **facts):
    return pictures.read(upload(data, **facts))


def reopened(data):
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


def camera_notes(**tags):
    """The notes a camera writes: who, and where on earth."""
    notes = Image.Exif()
    notes[ARTIST] = "Ada Lovelace"
    notes.get_ifd(GPS)[2] = (45.0, 25.0, 15.0)
    for tag, value in tags.items():
        notes[int(tag)] = value
    return notes


def halves(size=(40, 30)):
    """Left half red, right half blue."""
    picture = image(size, "red")
    picture.paste("blue", (size[0] // 2, 0, *size))
    return picture


# --- What is kept ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content_type", "ending"),
    [
        ("JPEG", "image/jpeg", ".jpg"),
        ("PNG", "image/png", ".png"),
        ("WEBP", "image/webp", ".webp"),
    ],
)
def test_a_picture_is_what_its_content_says_whatever_its_name(
    kind, content_type, ending
):
    kept = read(told(image(), kind), name="x.exe", content_type="text/html")

    assert (kept.kind.content_type, kept.kind.ending) == (content_type, ending)
    assert (kept.width, kept.height) == (40, 30)
    assert reopened(kept.data).format == kind
    assert reopened(kept.small).format == "JPEG"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_the_camera_wrote_is_kept(kind):
    notes = {"exif": camera_notes(), "xmp": b"<x:xmpmeta>Ada Lovelace</x:xmpmeta>"}
    if kind == "JPEG":
        notes["comment"] = SECRET
    if kind == "PNG":
        words = PngImagePlugin.PngInfo()
        words.add_text("Author", "Ada Lovelace")
        notes = {"exif": camera_notes(), "pnginfo": words}
    data = told(image(), kind, **notes)
    assert SECRET in data

    kept = read(data)

    for file in (kept.data, kept.small):
        assert SECRET not in file
        assert not {"exif", "xmp", "comment", "Author"} & set(reopened(file).info)
        assert not reopened(file).getexif()


def test_what_hangs_behind_a_picture_is_cut_off():
    data = told(image()) + b"<script>alert(1)</script>"

    assert b"script" not in read(data).data


def test_a_picture_taken_with_the_telephone_turned_is_kept_upright():
    notes = camera_notes(**{str(ORIENTATION): 6})  # turn it a quarter to the right
    kept = read(told(halves(), exif=notes))

    picture = reopened(kept.data)
    assert (kept.width, kept.height) == picture.size == (30, 40)
    top, bottom = picture.getpixel((15, 5)), picture.getpixel((15, 35))
    assert top[0] > 200 > top[2]
    assert bottom[2] > 200 > bottom[0]


def test_every_pixel_of_a_png_is_kept():
    noise = Image.frombytes("RGB", (40, 30), Random(1).randbytes(3600))

    assert reopened(read(told(noise, "PNG")).data).tobytes() == noise.tobytes()


def test_a_jpeg_is_kept_as_fine_as_it_came():
    noise = Image.frombytes("RGB", (64, 64), Random(1).randbytes(64 * 64 * 3))
    data = told(noise, quality=97, subsampling=0)
    before = reopened(data)

    after = reopened(read(data).data)

    assert after.quantization == before.quantization
    apart = [abs(a - b) for a, b in zip(before.tobytes(), after.tobytes(), strict=True)]
    assert sum(apart) / len(apart) < 1


def test_colours_of_a_profile_become_common_ones():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kept = read(told(image(colour=(200, 100, 50)), "PNG", icc_profile=profile))

    picture = reopened(kept.data)
    assert "icc_profile" not in picture.info
    assert picture.getpixel((0, 0)) == pytest.approx((200, 100, 50), abs=2)


def test_a_broken_profile_costs_no_picture():
    kept = read(told(image(colour=(200, 100, 50)), "PNG", icc_profile=b"rubbish"))

    assert reopened(kept.data).getpixel((0, 0)) == (200, 100, 50)


@pytest.mark.parametrize(
    ("mode", "colour", "kind"),
    [
        ("L", 128, "JPEG"),
        ("CMYK", (0, 0, 0, 128), "JPEG"),
        ("P", 3, "PNG"),
        ("1", 1, "PNG"),
        ("LA", (128, 255), "PNG"),
        ("I;16", 32768, "PNG"),
    ],
)
def test_pictures_in_other_colours_are_kept_too(mode, colour, kind):
    kept = read(told(image(mode=mode, colour=colour), kind))

    assert reopened(kept.data).mode == "RGB"


def test_sixteen_bits_a_pixel_are_not_burnt_out():
    kept = read(told(image(mode="I;16", colour=32768), "PNG"))

    assert reopened(kept.data).getpixel((0, 0)) == (128, 128, 128)


def test_what_can_be_seen_through_lies_on_white():
    kept = read(told(image(mode="RGBA", colour=(255, 0, 0, 0)), "PNG"))

    assert reopened(kept.data).getpixel((0, 0)) == (255, 255, 255)


def test_the_small_one_is_small_and_a_small_one_stays():
    large, little = read(told(image((1200, 900)))), read(told(image((40, 30))))

    assert reopened(large.small).size == (480, 360)
    assert (large.width, large.height) == (1200, 900)
    assert reopened(little.small).size == (40, 30)


def test_the_same_file_has_the_same_fingerprint_and_another_has_not():
    data = told(image())

    assert read(data).fingerprint == read(data).fingerprint
    assert read(data).fingerprint != read(told(image(colour="red"))).fingerprint


# --- What is refused ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"\xff\xd8\xff\xe0rest",
        b"\x89PNG\r\n\x1a\nrest",
        b"RIFF\x04\x00\x00\x00WEBP",
        told(image(), "GIF"),
        told(image(), "BMP"),
        told(image(), "TIFF"),
        told(image((400, 300)))[:-200],
        told(Image.effect_noise((90, 90), 50).convert("RGB"), "PNG")[:-400],
    ],
)
def test_anything_else_is_refused_in_words(data, monkeypatch):
    # As WeasyPrint leaves it behind, wherever a paper was printed before.
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(BookingRefused, match="Only whole JPEG, PNG and WebP photos"):
        read(data)


def test_an_empty_file_is_refused():
    with pytest.raises(BookingRefused, match="empty"):
        read(b"")


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"hevc"])
def test_a_heic_photo_is_refused_with_what_to_do(brand):
    with pytest.raises(BookingRefused, match="Formats, Most Compatible"):
        read(b"\x00\x00\x00\x18ftyp" + brand + b"\x00" * 40)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_moving_picture_is_refused(kind):
    more = {"save_all": True, "append_images": [image(colour="red")]}

    with pytest.raises(BookingRefused, match="moves"):
        read(told(image(), kind, **more))


def test_bytes_up_to_the_limit_are_kept_and_one_more_is_not(monkeypatch):
    data = told(image())
    monkeypatch.setattr(pictures, "LARGEST", len(data))
    read(data)

    with pytest.raises(BookingRefused, match="larger than 25 MB"):
        read(data + b" ")


def test_pixels_up_to_the_limit_are_kept_and_one_line_more_is_not(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 1200)
    read(told(image((40, 30))))

    with pytest.raises(BookingRefused, match="50 million pixels"):
        read(told(image((40, 31))))


@pytest.mark.parametrize("side", [10_000, 30_000])
def test_a_bomb_is_refused_before_it_goes_off(side):
    """A few kilobytes that would be hundreds of megabytes of pixels."""
    bomb = told(image((1, 1), mode="1", colour=1), "PNG")
    header = side.to_bytes(4, "big") * 2
    data = bomb[:16] + header + bomb[24:]
    data = data[:29] + crc32(data[12:29]).to_bytes(4, "big") + data[33:]

    with pytest.raises(BookingRefused, match="50 million pixels"):
        read(data)
