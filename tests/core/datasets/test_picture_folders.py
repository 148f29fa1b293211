"""A folder of pictures per class: which files become samples, which are named, and what is said."""

import os

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from core.errors import DataError
from core.io.datasets import Refused, fit_to, load_dataset, look_at_dataset, room
from core.io.datasets.formats import format_of
from core.io.datasets.pictures import PictureFolder, folder
from tests.core.datasets.picture_making import (
    black_png,
    noise,
    png,
    stored,
    tarred,
    upright,
    write,
    zipped,
)

PETS = {f"{kind}/{n}.png": png(12, 12, seed=100 * at + n) for at, kind in enumerate(("cat", "dog")) for n in range(3)}


def reading(path, *shape, resize="stretch"):
    return load_dataset(str(path), None, shape or None, resize)


def told(path):
    with pytest.raises(DataError) as caught:
        reading(path)
    return str(caught.value)


def test_the_pets_of_the_field_case_open(tmp_path):
    data = reading(write(tmp_path / "pets", PETS))
    assert (data.name, data.format, data.classes, data.shape) == ("pets", "pictures", ("cat", "dog"), (12, 12, 3))
    assert data.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert list(data.sources) == list(PETS)
    assert (data.notes, data.refused, data.test, data.scale) == ((), (), None, 255)
    assert_array_equal(data.images[4], np.asarray(noise(12, 12, seed=101)))
    assert look_at_dataset(str(tmp_path / "pets")) == data.facts


def test_names_are_in_natural_order(tmp_path):
    names = ["10", "2", "1", "b", "A"]
    files = {f"{name}/{n}.png": png() for name in names for n in (10, 9)}
    data = reading(write(tmp_path, files))
    assert data.classes == ("1", "2", "10", "A", "b")
    assert list(data.sources[:4]) == ["1/9.png", "1/10.png", "2/9.png", "2/10.png"]


def parts(**numbers):
    """Folders of parts, with so many pictures of cats and dogs each."""
    return {
        f"{part}/{kind}/{n}.png": png(seed=n)
        for part, of in numbers.items()
        for kind in ("cat", "dog")
        for n in range(of)
    }


@pytest.mark.parametrize(("train", "test"), [("train", "test"), ("Training", "TEST"), ("train", "testing")])
def test_train_and_test_are_parts_and_no_classes(tmp_path, train, test):
    data = reading(write(tmp_path, parts(**{train: 3, test: 2})))
    assert (len(data), data.classes, len(data.test), data.test.classes) == (6, ("cat", "dog"), 4, ("cat", "dog"))
    assert data.sources[0] == f"{train}/cat/0.png"
    assert data.test.sources[3] == f"{test}/dog/1.png"
    assert data.test.labels.tolist() == [0, 0, 1, 1]
    assert not data.refused


@pytest.mark.parametrize("name", ["val", "valid", "validation"])
def test_a_validation_part_is_the_test_part_where_there_is_no_other(tmp_path, name):
    data = reading(write(tmp_path, parts(train=3, **{name: 1})))
    assert (len(data), len(data.test)) == (6, 2)
    assert data.notes == (f"{name} is the test part",)


def test_beside_a_test_part_a_validation_part_is_used_for_training(tmp_path):
    data = reading(write(tmp_path, parts(train=3, val=2, test=1)))
    assert (len(data), len(data.test)) == (10, 2)
    assert data.notes == ("the 4 pictures of val are used for training, of which validation_split keeps some back",)


def test_train_and_bus_are_classes(tmp_path):
    assert reading(write(tmp_path, {"train/1.png": png(), "bus/1.png": png()})).classes == ("bus", "train")


def test_parts_without_class_folders_are_no_classes(tmp_path):
    text = told(write(tmp_path / "d", {"train/1.png": png(), "test/1.png": png()}))
    assert text.startswith("d/train holds 1 picture, but in no folder for each class. Make one folder for each class ")


def test_a_test_part_without_labels_is_refused_as_one(tmp_path):
    data = reading(write(tmp_path, parts(train=2) | {f"test/{n}.png": png() for n in range(30)}))
    assert data.test is None
    assert data.refused == (
        Refused("test", "", "It holds 30 pictures in no class folder. Move them into one, or away."),
    )


def test_a_class_that_the_training_part_lacks_is_refused(tmp_path):
    data = reading(write(tmp_path, parts(train=2, test=1) | {"test/frog/1.png": png(), "extra/1.png": png()}))
    assert len(data.test) == 2
    assert data.refused == (
        Refused("extra", "", "It lies beside the folder for training, and is not used (1 file). Move it away."),
        Refused(
            "test/frog",
            "",
            "The training part has no class frog, so its 1 picture cannot be tested. Move it away, or add such "
            "training pictures.",
        ),
    )


def test_a_folder_around_it_is_gone_into(tmp_path):
    data = reading(write(tmp_path, {f"download/pets/{name}": each for name, each in PETS.items()} | {"README": b"Hi"}))
    assert data.classes == ("cat", "dog")
    assert data.sources[0] == "download/pets/cat/0.png"


def test_pictures_in_folders_of_a_class_are_of_that_class(tmp_path):
    data = reading(write(tmp_path, {"cat/in/1.png": png(), "cat/2.png": png(), "dog/1.png": png()}))
    assert list(data.sources) == ["cat/2.png", "cat/in/1.png", "dog/1.png"]


def test_what_systems_leave_behind_is_passed_over(tmp_path):
    junk = ["Thumbs.db", "cat/.DS_Store", "cat/Thumbs.db", "__MACOSX/cat/._0.png", ".git/x.png", "cat/._0.png"]
    data = reading(write(tmp_path, PETS | dict.fromkeys([*junk, "dog/desktop.ini"], b"junk")))
    assert (len(data), data.classes, data.notes, data.refused) == (6, ("cat", "dog"), (), ())


def test_other_files_are_named(tmp_path):
    others = {"README.txt": b"Hi", "labels.csv": b"a,1", "cat/notes.txt": b"Hi", "dog/a.pdf": b"%PDF-1", "0.png": png()}
    data = reading(write(tmp_path, PETS | others | {"papers/a.pdf": b"%PDF-1"}))
    assert (len(data), data.classes) == (6, ("cat", "dog"))
    assert data.notes == (
        "not used, since they are no pictures: labels.csv and README.txt",
        "papers holds no picture, and is no class",
    )
    assert {each.file: each.what for each in data.refused} == {
        "0.png": "It lies in no class folder. Move it into one, or away.",
        "cat/notes.txt": "It is none of the pictures read here: PNG, JPEG, GIF, BMP, WebP, TIFF, PGM or PPM. Move it "
        "out of the folder.",
        "dog/a.pdf": "It is a PDF, not a picture. Move it out of the folder.",
    }


def test_bytes_tell_a_picture_whatever_its_name(tmp_path):
    files = {"cat/a": png(), "cat/b.txt": png(), "cat/c.jpg": png(), "cat/d.png": stored(noise(), "BMP")}
    data = reading(write(tmp_path, files | {"dog/1.gif": b"<html>no</html>", "dog/2.gif": png()}))
    assert list(data.sources) == [*files, "dog/2.gif"]
    assert data.refused == (
        Refused("dog/1.gif", "", "It is a web page (HTML), not a picture. Move it out of the folder."),
    )


def test_damaged_pictures_are_named_with_their_place_and_the_others_used(tmp_path):
    cut = stored(noise(29, 35))
    broken = {"cat/1.png": cut[:2048], "dog/0.png": b"", "dog/9.png": black_png(30_000, 30_000)}
    data = reading(write(tmp_path, PETS | broken))
    assert list(data.sources) == [name for name in PETS if name not in broken]
    assert data.labels.tolist() == [0, 0, 1, 1]
    assert [(each.file, each.where) for each in data.refused] == [
        ("cat/1.png", f"byte 2,048 of {len(cut):,}"),
        ("dog/0.png", ""),
        ("dog/9.png", ""),
    ]
    assert_array_equal(data.images[2], np.asarray(noise(12, 12, seed=101)))


def test_nothing_but_damaged_pictures(tmp_path):
    text = told(write(tmp_path / "d", {"cat/1.png": b"", "dog/1.png": b"x"}))
    assert text == "d: none of its pictures can be read. cat/1.png: It is empty. Copy or download it again."
    assert told(tmp_path / "d") == text
    with pytest.raises(DataError, match="none of its pictures"):
        load_dataset(str(tmp_path / "d"), None, (4, 4, 3))


def test_an_empty_class_folder_and_a_single_class_are_said(tmp_path):
    data = reading(write(tmp_path, {"cat/1.png": png(), "dog": None, "fish": None}))
    assert data.classes == ("cat", "dog", "fish")
    assert data.notes == ("no picture in the class folders dog and fish",)
    one = reading(write(tmp_path / "one", {"cat/1.png": png()}))
    assert one.notes == ("one class only, cat: there is nothing to tell it from",)


@pytest.mark.parametrize("files", [{"cat": None, "dog": None}, {"cat/a.txt": b"Hi"}])
def test_folders_without_pictures_are_another_matter(tmp_path, files):
    write(tmp_path, files)
    assert format_of(tmp_path).name == "IDX"


def test_links_lead_neither_out_nor_in_circles(tmp_path):
    outside = write(tmp_path / "outside", {"1.png": png(), "cats/1.png": png()})
    root = write(tmp_path / "d", PETS)
    (root / "cat" / "inside.png").symlink_to(root / "dog" / "0.png")
    (root / "cat" / "outside.png").symlink_to(outside / "1.png")
    (root / "cat" / "nowhere.png").symlink_to(root / "missing.png")
    (root / "cat" / "circle.png").symlink_to(root / "cat" / "circle.png")
    (root / "dog" / "up").symlink_to(root)
    (root / "cats").symlink_to(outside / "cats")
    data = reading(root)
    assert data.classes == ("cat", "dog")
    assert [name for name in data.sources if name not in PETS] == ["cat/inside.png"]
    whats = {each.file: each.what for each in data.refused}
    assert whats.keys() == {"cat/outside.png", "cat/nowhere.png", "cat/circle.png", "dog/up", "cats"}
    assert whats["cat/outside.png"] == "It is a link that leads out of the data set. Put a copy there instead."
    assert whats["dog/up"] == "It is a link to a folder, which is not followed. Put a copy there instead."
    assert "lead in a circle" in whats["cat/circle.png"]
    assert "leads nowhere: it is not there." in whats["cat/nowhere.png"]


def test_what_is_no_file_is_not_waited_for(tmp_path):
    root = write(tmp_path, PETS)
    os.mkfifo(root / "cat" / "pipe.png")
    (refused,) = reading(root).refused
    assert refused.file == "cat/pipe.png"


def test_names_that_are_not_utf_8(tmp_path):
    root = write(tmp_path, PETS)
    data = reading(write(root, {os.fsdecode(b"k%ctzchen/\xff.png" % letter): png(12, 12) for letter in (0xE4, 0xF6)}))
    assert data.classes == ("cat", "dog", "k�tzchen", "k�tzchen~2")
    assert data.sources[-1] == "k�tzchen/�.png"
    "".join((*data.classes, *data.sources)).encode()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator may read everything")
def test_what_may_not_be_read_is_named(tmp_path):
    root = write(tmp_path, PETS)
    (root / "cat" / "0.png").chmod(0)
    (root / "dog").chmod(0)
    try:
        refused = {each.file: each.what for each in reading(root).refused}
    finally:
        (root / "dog").chmod(0o700)
    assert refused == {
        "dog": "It cannot be opened: you have no permission. Check its permissions.",
        "cat/0.png": "It cannot be read: you have no permission. Check its permissions.",
    }


def test_a_folder_that_cannot_be_opened_is_named(tmp_path, monkeypatch):
    root = write(tmp_path, PETS)

    def scandir(path):
        if str(path).endswith("dog"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    scan = os.scandir
    monkeypatch.setattr(os, "scandir", scandir)
    (refused,) = reading(root).refused
    assert refused == Refused("dog", "", "It cannot be opened: you have no permission. Check its permissions.")


def test_pictures_of_many_sizes_come_in_the_most_common(tmp_path):
    sizes = [(12, 12), (12, 12), (20, 10), (9, 30)]
    root = write(tmp_path, {f"{'ab'[n % 2]}/{n}.png": png(*size, seed=n) for n, size in enumerate(sizes)})
    data = reading(root)
    assert data.shape == (12, 12, 3)
    assert data.notes == (
        "2 pictures of 2 other sizes, from 20×10 to 9×30, resized to 12×12 (bilinear, smoothed where made smaller; "
        "stretched)",
    )
    fitted = reading(root, 12, 12, 3, resize="fit")
    assert_array_equal(fitted.images[0], data.images[0])
    wide = fitted.images[list(fitted.sources).index("b/3.png")]
    assert not wide[:4].any()
    assert not wide[8:].any()
    assert wide[4:8].any(axis=(1, 2)).all()


@pytest.mark.parametrize(
    ("resize", "said"),
    [
        ("stretch", "resized from 6×12 to 4×4 (bilinear, smoothed where made smaller; stretched)"),
        ("fit", "resized from 6×12 to 4×4 (bilinear, smoothed where made smaller; ratio kept, black borders added)"),
        ("crop", "resized from 6×12 to 4×4 (bilinear, smoothed where made smaller; ratio kept, the middle cut out)"),
    ],
)
def test_pictures_are_brought_to_the_shape_of_the_input(tmp_path, resize, said):
    data = reading(write(tmp_path, {"a/1.png": png(6, 12), "b/1.png": png(6, 12)}), 4, 4, 3, resize=resize)
    assert (data.shape, data.notes) == ((4, 4, 3), (said,))
    assert fit_to(data, (4, 4, 3)) is data


def test_an_input_of_features_takes_the_values(tmp_path):
    root = write(tmp_path, {"a/1.png": png(2, 3), "b/1.png": png(2, 3)})
    data = reading(root, 18)
    assert data.shape == (2, 3, 3)
    assert fit_to(data, (18,)).shape == (18,)
    with pytest.raises(DataError, match="holds samples of 2×3×3, but the network's Input takes 17 values"):
        reading(root, 17)
    with pytest.raises(DataError, match="has images with 3 channels"):
        reading(root, 2, 3, 4)


@pytest.mark.parametrize(
    ("shape", "note"),
    [
        ((), "the one channel of 1 grey picture repeated 3 times"),
        ((6, 8, 3), "the one channel of 1 grey picture repeated 3 times"),
        ((6, 8, 1), "red, green and blue of 2 colour pictures of 3 weighted and added to one grey channel "),
    ],
)
def test_grey_among_colours_is_said(tmp_path, shape, note):
    data = reading(write(tmp_path, {"a/1.png": png(), "a/2.png": png(channels=1), "b/1.png": png()}), *shape)
    assert data.shape == (shape or (6, 8, 3))
    assert len(data.notes) == 1
    assert data.notes[0].startswith(note)


def test_everything_that_was_done_is_said(tmp_path):
    layer = Image.new("RGBA", (8, 6), (0, 0, 0, 0))
    two = [Image.new("RGB", (8, 6), colour) for colour in ("red", "blue")]
    files = {
        "a/1.png": stored(layer),
        "a/2.png": stored(layer),
        "a/3.tif": stored(Image.new("CMYK", (8, 6)), "TIFF"),
        "b/1.jpg": upright(3, "JPEG"),
        "b/2.gif": stored(two[0], "GIF", save_all=True, append_images=two[1:]),
    }
    assert reading(write(tmp_path, files)).notes == (
        "1 picture turned as its EXIF says, b/1.jpg",
        "2 pictures transparent, with white laid beneath, the first a/1.png",
        "1 picture CMYK, made red, green and blue, a/3.tif",
        "1 picture animated, of which the first frame is used, b/2.gif",
    )


@pytest.mark.parametrize("first", ["a/0.png", "c/0.png"])
def test_one_picture_with_16_bits_makes_fractions_of_all(tmp_path, first):
    values = np.linspace(0, 65535, 48).astype(np.uint16).reshape(6, 8)
    files = {f"b/{n}.png": png(channels=1, seed=n) for n in range(20)}
    data = reading(write(tmp_path, files | {first: stored(Image.fromarray(values))}))
    assert (data.images.dtype, data.scale, data.shape) == (np.float32, 1, (6, 8, 1))
    deep = list(data.sources).index(first)
    assert_allclose(data.images[deep, ..., 0], values / 65535, atol=1e-6)
    at = list(data.sources).index("b/7.png")
    assert_allclose(data.images[at, ..., 0], np.asarray(noise(channels=1, seed=7)) / np.float32(255), rtol=1e-6)
    assert np.isfinite(data.images).all()


def test_a_listing_decodes_nothing(tmp_path, monkeypatch):
    root = write(tmp_path, PETS)
    monkeypatch.setattr(folder, "decode", None)
    with PictureFolder(root) as found:
        assert (len(found), found.classes, found.usual_shape) == (6, ("cat", "dog"), (12, 12, 3))
    assert look_at_dataset(str(root)).n == 6


def test_one_sample_is_decoded_when_it_is_asked_for(tmp_path):
    root = write(tmp_path, PETS | {"dog/0.png": b""})
    with PictureFolder(root) as found:
        assert_array_equal(found.sample(1), np.asarray(noise(12, 12, seed=1)))
        assert found.sample(1, (5, 6, 1)).shape == (5, 6, 1)
        with pytest.raises(DataError, match=r"dog/0\.png: It is empty\."):
            found.sample(3)


def test_reading_tells_how_far_it_is_and_shows_the_first_pictures_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(folder, "_FIRST_BLOCK", 2)
    monkeypatch.setattr(folder, "_BLOCK", 3)
    root = write(tmp_path, PETS | {"cat/1.png": b""})
    with PictureFolder(root) as found:
        messages = list(found.read())
    assert [(each.n_done, each.n, len(each.pixels), each.labels.tolist()) for each in messages] == [
        (2, 6, 1, [0]),
        (5, 6, 3, [0, 1, 1]),
        (6, 6, 1, [1]),
    ]
    *others, last = messages
    assert all(each.dataset is None for each in others)
    assert_array_equal(last.dataset.images, np.concatenate([each.pixels for each in messages]))


def test_reading_can_be_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(folder, "_FIRST_BLOCK", 2)
    asked, decode = [], folder.decode
    monkeypatch.setattr(folder, "decode", lambda *each: asked.append(1) or decode(*each))
    with PictureFolder(write(tmp_path, PETS)) as found:
        reading = found.read()
        next(reading)
        reading.close()
    assert len(asked) == 2


def test_blocks_and_threads_do_not_show(tmp_path, monkeypatch):
    root = write(tmp_path, PETS)
    whole = reading(root, 7, 9, 3).images
    monkeypatch.setattr(folder, "_BLOCK_BYTES", 1)
    monkeypatch.setattr(folder, "_THREADS", 1)
    assert_array_equal(reading(root, 7, 9, 3).images, whole)


def test_more_than_a_quarter_of_the_memory_goes_to_a_file_that_is_gone_afterwards(tmp_path, monkeypatch):
    root, kept = write(tmp_path / "d", PETS | {"cat/1.png": b""}), tmp_path / "kept"
    expected = reading(root)
    kept.mkdir()
    monkeypatch.setattr(room, "temporary_folder", lambda: kept)
    monkeypatch.setattr(room, "mapped_from", lambda: 100)
    data = reading(root)
    assert isinstance(mapped(data.images), np.memmap)
    assert_array_equal(data.images, expected.images)
    assert list(kept.iterdir()) == []
    fitted = fit_to(data, (5, 5, 3))
    assert isinstance(mapped(fitted.images), np.memmap)
    assert_array_equal(fitted.images, fit_to(expected, (5, 5, 3)).images)


def mapped(array):
    while array.base is not None and not isinstance(array, np.memmap):
        array = array.base
    return array


def test_where_there_is_no_room_nothing_is_decoded(tmp_path, monkeypatch):
    root = write(tmp_path, PETS)
    monkeypatch.setattr(folder, "decode", None)
    monkeypatch.setattr(folder, "room_bytes", lambda: 1000)
    with pytest.raises(DataError, match=r"holds 6 pictures\. At 12×12×3 they would fill 2\.5 KiB; there is room for"):
        reading(root)


def test_a_full_disk_is_said(tmp_path, monkeypatch):
    root = write(tmp_path, PETS)
    monkeypatch.setattr(room, "mapped_from", lambda: 100)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(room, "_reserve", full)
    with pytest.raises(DataError, match=r"a file for them in .* could not be made: the disk is full\. Make room there"):
        reading(root)


def test_every_thousandth_of_many_headers_is_looked_at(tmp_path, monkeypatch):
    monkeypatch.setattr(folder, "MOST_MEASURED", 4)
    root = write(tmp_path, {f"a/{n}.png": png(4 + n // 5, 4) for n in range(10)} | {"b/1.png": png(1, 1)})
    with PictureFolder(root) as found:
        assert found.usual_shape in {(4, 4, 3), (5, 4, 3)}


def test_too_many_files(tmp_path, monkeypatch):
    monkeypatch.setattr("core.io.datasets.pictures.arranging.MOST_FILES", 5)
    assert "holds more than 5 files and folders. Use a part of them." in told(write(tmp_path, PETS))


@pytest.mark.parametrize("pack", [zipped, tarred, lambda path, files: tarred(path, files, packed=True)])
@pytest.mark.parametrize("around", ["", "pets/"])
def test_an_archive_is_read_in_place(tmp_path, pack, around):
    files = {"__MACOSX/cat/._0.png": b"junk", "fish": None, "cat/1.txt": b"Hi"} | PETS
    path = pack(tmp_path / "my pets.tar.gz", {f"{around}{name}": data for name, data in files.items()})
    data, folder_ = reading(path, 10, 10, 3), reading(write(tmp_path / "d", files), 10, 10, 3)
    assert sorted(tmp_path.iterdir()) == [tmp_path / "d", path]
    assert_array_equal(data.images, folder_.images)
    assert (data.name, data.classes, data.notes) == ("my pets", folder_.classes, folder_.notes)
    assert list(data.sources) == [f"{around}{name}" for name in folder_.sources]
    assert [each.file for each in data.refused] == [f"{around}cat/1.txt"]
    assert look_at_dataset(str(path)).n == 6


def test_a_png_that_says_it_is_black_and_white_is_grey(tmp_path):
    data = reading(write(tmp_path, {"a/1.png": black_png(8, 1), "b/1.png": black_png(8, 1)}))
    assert data.shape == (1, 8, 1)
