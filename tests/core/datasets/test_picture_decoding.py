"""One picture: what others clip, turn or drop, and what is said of one that cannot be used."""

import io

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from core.io.datasets.pictures.decoding import PictureError, decode, measure
from core.io.datasets.resize import bilinear, resized
from tests.core.datasets.picture_making import black_png, noise, png, stored, upright

GREY_FORMS = ["PNG", "BMP", "TIFF", "PPM", "GIF"]


def refusal(data):
    with pytest.raises(PictureError) as caught:
        decode(data)
    return caught.value.where, caught.value.what


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF", "PPM"])
def test_colours_are_those_of_the_file(form):
    picture = decode(stored(noise(), form))
    assert_array_equal(picture.pixels, np.asarray(noise()))
    assert (picture.size, picture.treatments) == ((6, 8), ("colour",))


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_lossy_forms_come_near(form):
    smooth = noise(4, 4).resize((32, 32))
    picture = decode(stored(smooth, form, quality=95))
    assert np.abs(picture.pixels.astype(int) - np.asarray(smooth)).mean() < 5


@pytest.mark.parametrize("form", [*GREY_FORMS, "JPEG"])
def test_grey_has_one_channel(form):
    picture = decode(stored(noise(channels=1), form, **({"quality": 100} if form == "JPEG" else {})))
    assert picture.pixels.shape == ((6, 8, 3) if form == "GIF" else (6, 8, 1))  # a GIF has a palette, be it of greys
    assert_allclose(picture.pixels[..., 0].astype(int), np.asarray(noise(channels=1)), atol=3 if form == "JPEG" else 0)


@pytest.mark.parametrize("form", ["PNG", "TIFF", "PPM"])
def test_16_bits_keep_their_whole_range(form):
    values = np.linspace(0, 65535, 48).round().astype(np.uint16).reshape(6, 8)
    picture = decode(stored(Image.fromarray(values), form))
    assert_allclose(picture.pixels[..., 0], values / 65535, rtol=0, atol=1e-6)
    assert picture.pixels.dtype == np.float32
    assert "16 bits" in picture.treatments
    enlarged = decode(stored(Image.fromarray(values), form), (12, 16, 1)).pixels
    assert_allclose(enlarged, bilinear(picture.pixels[None], 12, 16)[0], atol=1e-6)


def test_16_bit_colour_keeps_its_range_with_8_bits():
    raw = np.array([[[0, 32768, 65535], [65535, 256, 0]]], ">u2").tobytes()
    ppm = b"P6 2 1 65535\n" + raw
    assert_array_equal(decode(ppm).pixels, [[[0, 128, 255], [255, 1, 0]]])


def test_palettes_give_colours_and_not_places_in_them():
    few = noise().quantize(8)
    assert_array_equal(decode(stored(few)).pixels, np.asarray(few.convert("RGB")))
    assert decode(stored(few)).pixels.max() > 8


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_pictures_are_turned_as_their_exif_says(form, orientation):
    settings = {"lossless": True} if form == "WEBP" else {"quality": 100, "subsampling": 0} if form == "JPEG" else {}
    data = upright(orientation, form, **settings)
    methods = [None, 0, 3, 1, 5, 4, 6, 2]  # of Image.Transpose, as the standard's table says
    method = methods[orientation - 1]
    expected = noise() if method is None else noise().transpose(Image.Transpose(method))
    picture = decode(data)
    assert_allclose(picture.pixels.astype(int), np.asarray(expected), atol=40 if form == "JPEG" else 0)
    assert measure(data)[:2] == picture.size == picture.pixels.shape[:2] == expected.size[::-1]


def test_white_is_laid_beneath_what_is_transparent():
    layer = Image.new("RGBA", (2, 1), (0, 0, 0, 255))
    layer.putpixel((1, 0), (9, 9, 9, 0))
    picture = decode(stored(layer))
    assert picture.pixels.tolist() == [[[0, 0, 0], [255, 255, 255]]]
    assert "transparent" in picture.treatments
    grey = Image.new("LA", (1, 1), (0, 51))
    assert decode(stored(grey)).pixels.tolist() == [[[204]]]
    few = noise().quantize(4)
    few.info["transparency"] = 0
    assert (decode(stored(few, transparency=0)).pixels[np.asarray(few) == 0] == 255).all()


def test_an_alpha_channel_that_hides_nothing_is_not_spoken_of():
    assert decode(stored(noise().convert("RGBA"))).treatments == ("colour",)


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_cmyk_becomes_red_green_and_blue(form):
    red = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    picture = decode(stored(red, form))
    assert_allclose(picture.pixels.reshape(-1, 3).astype(int), np.tile([255, 0, 0], (64, 1)), atol=4)
    assert "CMYK" in picture.treatments


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF"])
def test_the_first_frame_of_an_animation_is_used(form):
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue", "lime")]
    picture = decode(stored(frames[0], form, save_all=True, append_images=frames[1:]))
    assert_allclose(picture.pixels[0, 0].astype(int), [255, 0, 0], atol=3)
    assert "animated" in picture.treatments


def test_one_bit_is_black_or_white():
    bits = Image.fromarray(np.array([[0, 255, 255]], np.uint8)).convert("1")
    for form in ("PNG", "BMP", "TIFF"):
        assert decode(stored(bits, form)).pixels.ravel().tolist() == [0, 255, 255]


@pytest.mark.parametrize("resize", ["stretch", "fit", "crop"])
@pytest.mark.parametrize("want", [(12, 24, 3), (13, 9, 3), (9, 20, 3)])
def test_enlarging_is_what_fitting_does(want, resize):
    picture = decode(png(), want, resize)
    expected = resized(np.asarray(noise(), np.float32)[None], *want[:2], resize)[0]
    assert picture.pixels.shape == want
    assert_allclose(picture.pixels, expected, rtol=0, atol=1)


def test_grey_and_colour_are_made_of_each_other_as_fitting_does():
    grey = decode(png(), (6, 8, 1)).pixels
    expected = np.asarray(noise(), float) @ [0.299, 0.587, 0.114]
    assert_allclose(grey[..., 0], expected, rtol=0, atol=1)
    colour = decode(png(channels=1), (6, 8, 3)).pixels
    assert_array_equal(colour, np.repeat(np.asarray(noise(channels=1))[..., None], 3, axis=2))


@pytest.mark.parametrize("want", [(32, 32, 3), (100, 20, 3), (30, 45, 1)])
@pytest.mark.parametrize("resize", ["stretch", "fit", "crop"])
def test_a_shortcut_of_jpeg_shows_hardly(want, resize):
    smooth = noise(20, 30).resize((407, 299))
    quick = decode(stored(smooth, "JPEG", quality=95), want, resize).pixels.astype(int)
    slow = decode(stored(smooth, "PNG"), want, resize).pixels.astype(int)
    assert np.abs(quick - slow).mean() < 1.5
    assert np.abs(quick - slow).max() < 12


def test_reducing_is_smoothed():
    board = np.indices((64, 64)).sum(axis=0) % 2 * 255
    assert_allclose(decode(stored(Image.fromarray(board.astype(np.uint8))), (8, 8, 1)).pixels, 128, atol=2)


def test_where_a_picture_is_cut_off():
    whole = stored(noise(29, 35))
    assert len(whole) > 3000
    assert refusal(whole[:2048]) == (
        f"byte 2,048 of {len(whole):,}",
        f"It is cut off at byte 2,048 of {len(whole):,}. Copy or download it again.",
    )
    several = stored(Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8)))
    assert refusal(several[:2048])[0] == "byte 2,048 of at least 65,593"


@pytest.mark.parametrize("form", ["JPEG", "BMP", "WEBP", "GIF", "TIFF", "PPM"])
def test_a_cut_picture_is_refused_in_every_form(form):
    data = stored(noise(40, 40), form)
    where, what = refusal(data[: len(data) // 2])
    assert where.startswith(f"byte {len(data) // 2:,}")
    assert what.startswith("It is cut off at byte ")
    if form in {"BMP", "WEBP"}:
        assert where == f"byte {len(data) // 2:,} of {len(data):,}"


def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_decoded(monkeypatch):
    data = black_png(30_000, 30_000)
    assert len(data) < 115_000
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", None)
    text = "It has 30,000×30,000 = 900,000,000 pixels; the limit is 64,000,000. Save it smaller."
    assert refusal(data) == ("", text)
    with pytest.raises(PictureError, match="900,000,000 pixels"):
        measure(data)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "It is empty. Copy or download it again."),
        (b"%PDF-1.7\n", "It is a PDF, not a picture."),
        (b"hello, world", "It is none of the pictures read here: PNG, JPEG, GIF, BMP, WebP, TIFF, PGM or PPM."),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "It is a picture (HEIC), which is not read. Save it as JPEG or PNG."),
        (png()[:30] + b"\xff" * 3000, "It is damaged. Copy or download it again."),
        (stored(Image.new("F", (2, 2)), "TIFF"), "Its pixels have 32 bits, of which black and white are not known. "),
        (stored(Image.new("LAB", (2, 2)), "TIFF"), "Its colours are stored as LAB, which is not read. "),
    ],
)
def test_what_cannot_be_used_is_said(data, what):
    where, said = refusal(data)
    assert said.startswith(what)
    assert not where


def test_eps_is_never_handed_to_another_program():
    assert refusal(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")[1].startswith("It is none of the pictures")


def test_a_header_is_enough_to_measure():
    data = stored(noise(400, 300), "JPEG")
    assert measure(data[:1000]) == (400, 300, 3)
    assert measure(stored(noise(5, 7, 1))) == (5, 7, 1)


def test_warnings_of_the_library_stay_where_they_are(recwarn):
    exif = io.BytesIO()
    noise().save(exif, "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0")
    decode(exif.getvalue())
    assert not recwarn.list
