"""Tables as text: dialects, labels wherever they stand, pictures, and lines that can't be read."""

import csv
import gzip
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from core.errors import DataError
from core.io.datasets import csv_tables, load_dataset
from tests.core.datasets.making import photos

ROWS = [(5.1, 3.5, 0), (4.9, 3.25, 1), (6.0, 2.5, 1), (5.5, 3.0, 0)]


def loaded_from(path, text, encoding="utf-8"):
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return load_dataset(str(path))


def refusal(path, text):
    with pytest.raises(DataError) as caught:
        loaded_from(path, text)
    return str(caught.value)


@pytest.fixture
def table(tmp_path):
    return tmp_path / "table.csv"


def is_rows(loaded, labels=(0, 1, 1, 0)):
    assert (loaded.format, loaded.shape, loaded.scale) == ("CSV", (2,), 1)
    assert_allclose(loaded.images, [row[:2] for row in ROWS])
    assert loaded.labels.tolist() == list(labels)


@pytest.mark.parametrize(
    "text",
    [
        "5.1,3.5,0\n4.9,3.25,1\n6.0,2.5,1\n5.5,3.0,0\n",
        "5.1,3.5,0\r\n4.9,3.25,1\r\n6.0,2.5,1\r\n5.5,3.0,0",
        "5.1;3.5;0\n4.9;3.25;1\n6.0;2.5;1\n5.5;3.0;0\n",
        "5,1;3,5;0\n4,9;3,25;1\n6;2,5;1\n5,5;3,0;0\n",
        "5,1\t3,5\t0\n4,9\t3,25\t1\n6\t2,5\t1\n5,5\t3\t0\n",
        "a\tb\tclass\n5.1\t3.5\t0\n4.9\t3.25\t1\n6.0\t2.5\t1\n5.5\t3.0\t0\n",
        "label,a,b\n0,5.1,3.5\n1,4.9,3.25\n1,6.0,2.5\n0,5.5,3.0\n",
        "a,Class,b\n5.1,0,3.5\n4.9,1,3.25\n6.0,1,2.5\n5.5,0,3.0\n",
        "a,b,target\n5.1,3.5,0.0\n4.9,3.25,1.0\n6.0,2.5,1.0\n5.5,3.0,0.0\n",
        "0,5.1,3.5\n1,4.9,3.25\n1,6.0,2.5\n0,5.5,3.0\n",
        '"a","b","label"\n"5.1","3.5","0"\n"4.9","3.25","1"\n"6.0","2.5","1"\n"5.5","3.0","0"\n',
        " 5.1, 3.5, 0\n 4.9, 3.25, 1\n\n 6.0, 2.5, 1\n\n 5.5, 3.0, 0\n",
        ",a,b,label\n0,5.1,3.5,0\n1,4.9,3.25,1\n2,6.0,2.5,1\n3,5.5,3.0,0\n",
        "Id,a,b,label\n7,5.1,3.5,0\n8,4.9,3.25,1\n9,6.0,2.5,1\n10,5.5,3.0,0\n",
        "+5.1,3.5e0,0\n49e-1,.325E+1,1\n6,2.5,1\n5.5,3.,0\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_same_rows_in_many_dialects(table, text, encoding):
    loaded = loaded_from(table, text, encoding)
    is_rows(loaded)
    assert loaded.classes == ("0", "1")
    assert loaded.refused == ()


def test_packed_with_gzip(tmp_path):
    text = "label,a,b\n0,5.1,3.5\n1,4.9,3.25\n1,6.0,2.5\n0,5.5,3.0\n"
    is_rows(loaded_from(tmp_path / "table.csv.gz", gzip.compress(text.encode())))


@pytest.mark.parametrize(
    "text",
    [
        "5.1,3.5,rose\n4.9,3.25,Tulip, red\n",
        "5.1,3.5,rose\n4.9,3.25,tulip\n6.0,2.5,tulip\n5.5,3.0,rose\n",
        "rose,5.1,3.5\ntulip,4.9,3.25\ntulip,6.0,2.5\nrose,5.5,3.0\n",
        "a,b,species\n5.1,3.5,rose\n4.9,3.25,tulip\n6.0,2.5,tulip\n5.5,3.0,rose\n",
        "a;b;name\n5,1;3,5;rose\n4,9;3,25;tulip\n6;2,5;tulip\n5,5;3;rose\n",
        'a,b,label\n5.1,3.5,"rose"\n4.9,3.25,"tulip"\n6.0,2.5,tulip\n5.5,3.0,rose\n',
    ][1:],
)
def test_labels_that_are_texts(table, text):
    loaded = loaded_from(table, text)
    is_rows(loaded)
    assert loaded.classes == ("rose", "tulip")


def test_a_label_may_hold_what_separates(table):
    loaded = loaded_from(table, 'a,label\n1.5,"cat, black"\n2.5,"dog ""Rex"""\n3.5,"cat, black"\n')
    assert (loaded.classes, loaded.labels.tolist()) == (("cat, black", 'dog "Rex"'), [0, 1, 0])


def test_letters_beyond_ascii_in_two_encodings(table):
    text = "a,label\n1.5,Äpfel\n2.5,Birnen\n"
    for encoding in ("utf-8", "cp1252"):
        assert loaded_from(table, text, encoding).classes == ("Birnen", "Äpfel")


def test_labels_that_begin_with_1_are_kept(table):
    loaded = loaded_from(table, "a,label\n0.5,1\n1.5,2\n2.5,1\n")
    assert (loaded.classes, loaded.labels.tolist()) == (("0", "1", "2"), [1, 2, 1])
    assert loaded.notes == ("no image of class 0",)


@pytest.mark.parametrize(
    ("text", "labels", "note"),
    [
        ("0.5,1.5,1\n2.5,0.5,0\n", [1, 0], "the label is column 3"),
        ("1,1.5,0.5\n0,2.5,0.5\n", [1, 0], "the label is column 1"),
        ("7,1.5,1\n9,2.5,0\n", [1, 0], "the label is column 3"),  # without gaps
        ("0,1.5,7\n1,2.5,9\n", [0, 1], "the label is column 1"),
        ("a,b,c\n0,1.5,1\n1,2.5,0\n", [1, 0], "the label is column 3 (c)"),
    ],
)
def test_which_column_was_taken_for_the_label_is_said(table, text, labels, note):
    loaded = loaded_from(table, text)
    assert loaded.labels.tolist() == labels
    assert note in loaded.notes


def test_a_column_that_numbers_the_rows_is_left_out_and_named(table):
    loaded = loaded_from(table, "Unnamed: 0,a,label\n0,5.5,0\n1,4.5,1\n")
    assert loaded.shape == (1,)
    assert loaded.notes == ("column 1 (Unnamed: 0) numbers the rows and is left out",)
    assert loaded_from(table, "id,a,label\n3,5.5,0\n1,4.5,1\n").shape == (2,)


# --- pictures --------------------------------------------------------------------------------------------------------


def csv_of(columns, names=None, fmt="%d"):
    stream = io.StringIO()
    np.savetxt(stream, np.hstack(columns), fmt=fmt, delimiter=",", header=names or "", comments="")
    return stream.getvalue() if names else stream.getvalue().lstrip("\n")


@pytest.mark.parametrize("names", [None, "label," + ",".join(f"pixel{i}" for i in range(784))])
@pytest.mark.parametrize("first", [True, False])
def test_785_columns_are_mnist(table, names, first):
    images = photos(20, 28, 28, 1)
    labels = np.arange(20)[:, None] % 10
    columns = [labels, images.reshape(20, -1)]
    if not first:
        names = names and "pixel0," + ",".join(f"p{i}" for i in range(1, 784)) + ",label"
        columns.reverse()
    loaded = loaded_from(table, csv_of(columns, names))
    assert (loaded.shape, loaded.scale, loaded.images.dtype) == ((28, 28, 1), 255, np.uint8)
    assert_array_equal(loaded.images, images)
    assert loaded.labels.tolist() == labels.ravel().tolist()
    assert "784 values taken as 28×28×1" in loaded.notes


def test_fractions_of_mnist_stay_fractions(table):
    images = photos(4, 28, 28, 1) / 255
    loaded = loaded_from(table, csv_of([np.arange(4)[:, None], images.reshape(4, -1)], fmt="%.6f"))
    assert (loaded.shape, loaded.scale) == ((28, 28, 1), 1)
    assert_allclose(loaded.images, images, atol=1e-6)


@pytest.mark.parametrize(
    ("axes", "order"),
    [
        ((0, 3, 1, 2), "the planes of red, green and blue one after the other"),
        ((0, 1, 2, 3), "red, green and blue of each pixel together"),
    ],
)
def test_3073_columns_are_colours_in_the_order_in_which_neighbours_are_alike(table, axes, order):
    images = photos(10)
    loaded = loaded_from(table, csv_of([np.arange(10)[:, None], images.transpose(axes).reshape(10, -1)]))
    assert_array_equal(loaded.images, images)
    assert f"3,072 values taken as 32×32×3, {order}" in loaded.notes


def test_785_columns_that_are_no_pixels_stay_rows(table):
    values = np.random.default_rng(0).normal(size=(4, 784)) * 100
    loaded = loaded_from(table, csv_of([np.arange(4)[:, None], values], fmt="%.4f"))
    assert (loaded.shape, loaded.scale) == ((784,), 1)


def test_the_digits_of_uci_are_pictures(table):
    digits = load_dataset("digits")
    loaded = loaded_from(table, csv_of([digits.images.reshape(-1, 64), digits.labels[:, None]]))
    assert (loaded.shape, loaded.scale) == ((8, 8, 1), 16)
    assert_array_equal(loaded.images, digits.images)
    assert loaded.labels.tolist() == digits.labels.tolist()


# --- lines that can't be read ----------------------------------------------------------------------------------------

BAD = """label,width,height
0,1.5,2.5
1,wide,2.5
1,2.5

0,,3.5
1,2.5,3.5,9
0,1.5,1.5
1,0.5,0.5
1,3.5,0.5
0,4.5,0.5
0,5.5,0.5
"""


def test_lines_that_cannot_be_read_are_refused_with_their_numbers(table):
    loaded = loaded_from(table, BAD)
    assert loaded.images.tolist() == [[1.5, 2.5], [1.5, 1.5], [0.5, 0.5], [3.5, 0.5], [4.5, 0.5], [5.5, 0.5]]
    assert loaded.labels.tolist() == [0, 0, 1, 1, 0, 0]
    assert list(loaded.sources) == [f"table.csv, line {n}" for n in (2, 8, 9, 10, 11, 12)]
    assert [(part.file, part.where) for part in loaded.refused] == [
        ("table.csv", "line 3, column 2 (width)"),
        ("table.csv", "line 4"),
        ("table.csv", "line 6, column 2 (width)"),
        ("table.csv", "line 7"),
    ]
    assert [part.what.partition(" Correct")[0] for part in loaded.refused] == [
        '"wide" is not a number.',
        "it has 2 fields; the others have 3.",
        "nothing stands there.",
        "it has 4 fields; the others have 3.",
    ]


def test_lines_are_counted_across_pieces(table, monkeypatch):
    monkeypatch.setattr(csv_tables, "_AT_ONCE", 6)
    loaded = loaded_from(table, BAD)
    assert [part.where for part in loaded.refused][-1] == "line 7"
    assert len(loaded) == 6
    assert list(loaded.sources) == [f"table.csv, line {n}" for n in (2, 8, 9, 10, 11, 12)]


@pytest.mark.parametrize("other", ["", "x,1\n"])
def test_numbers_that_are_too_large_are_infinite(table, other):
    loaded = loaded_from(table, f"a,label\n1e300,0\n2.5,1\n1.5,0\n0.5,1\n{other}")
    assert (loaded.facts.n_nonfinite, loaded.facts.first_nonfinite) == (1, 0)


def test_an_empty_text_is_no_label(table):
    loaded = loaded_from(table, "a,label\n1.5,cat\n2.5,\n3.5,dog\n")
    assert (loaded.labels.tolist(), [part.where for part in loaded.refused]) == ([0, 1], ["line 3, column 2 (label)"])


def test_of_very_many_such_lines_some_are_listed(table, monkeypatch):
    monkeypatch.setattr(csv_tables, "MOST_REFUSED", 3)
    loaded = loaded_from(table, "a,label\n" + "1.5,0\n" * 20 + "x,1\n" * 10)
    assert len(loaded.refused) == 4
    assert loaded.refused[-1].what == "7 more lines can't be read, either. Correct those above first."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("label,a\n1,x\n0,y\n1,2\n", 'table.csv: line 2, column 2 (a): "x" is not a number.'),
        ("5.5,2.5\n3.5,1.5\n", "neither the first nor the last column holds labels: column 1 begins with 5.5 and"),
        ("a,b\n5.5,2.5\n3.5,1.5\n", "Name the column with the classes “label” in the first line."),
        ("a,label\n0.5,1.5\n1.5,2\n", "table.csv, column 2 (label): label 1 is 1.5; labels are class numbers"),
        ("label,a\n1,0.5\n-7,1.5\n", "label 2 is -7"),
        ("a,b,label\n1.5,x,cat\n2.5,y,dog\n", 'line 2, column 2 (b): "x" is not a number.'),
        ("label,x\n", "table.csv"),
    ],
)
def test_tables_without_labels_or_numbers_say_where(table, text, says):
    assert says in refusal(table, text)


def test_a_line_without_end_takes_no_memory(table, no_more_than, monkeypatch):
    monkeypatch.setattr(csv_tables, "_LONGEST_LINE", 1 << 20)
    table.write_bytes(b"label,a\n" + b"0,1\n" * 100_000 + b"1," + b"9" * (30 << 20))
    with no_more_than(24 << 20), pytest.raises(DataError, match=r"line 100,002 has more than 1,048,576 characters"):
        load_dataset(str(table))


def test_what_packs_a_thousand_times_is_not_unpacked(tmp_path, no_more_than, monkeypatch):
    monkeypatch.setattr(csv_tables, "most_unpacked", lambda n_packed: 100 * n_packed)
    path = tmp_path / "bomb.csv.gz"
    line = b"0" + b",1" * 999 + b"\n"
    with gzip.open(path, "wb") as stream:
        for _ in range(50):
            stream.write(line * 500)
    with no_more_than(32 << 20), pytest.raises(DataError, match=r"bomb.csv.gz unpacks to more than .* MiB, which no"):
        load_dataset(str(path))


@given(
    rows=st.lists(
        st.tuples(st.floats(-1e6, 1e6, width=32), st.integers(0, 500), st.sampled_from(["cat", "dog", "eel, blue"])),
        min_size=1,
        max_size=20,
    ),
    separator=st.sampled_from(",;\t"),
    comma=st.booleans(),
)
def test_what_was_written_is_read(tmp_path_factory, rows, separator, comma):
    path = tmp_path_factory.getbasetemp() / "written.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerow(("a", "b", "label"))
        for a, b, label in rows:
            writer.writerow((repr(a).replace(".", ",") if comma and separator != "," else repr(a), b, label))
    loaded = load_dataset(str(path))
    assert_array_equal(loaded.pixels(slice(None)) * loaded.scale, np.float32([row[:2] for row in rows]))
    assert [loaded.classes[label] for label in loaded.labels] == [row[2] for row in rows]


@given(st.text(max_size=200), st.sampled_from(["", "label,a\n", "1,2\n"]))
def test_any_text_loads_or_gives_a_sentence(tmp_path_factory, text, begin):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes((begin + text).encode("utf-8", "surrogatepass"))
    text = ""
    try:
        loaded = load_dataset(str(path))
    except DataError as error:
        loaded, text = None, str(error)
    assert text.endswith(".") if loaded is None else len(loaded) == len(loaded.labels) > 0
