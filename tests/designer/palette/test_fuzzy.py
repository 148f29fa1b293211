"""What a search finds, and in which order."""

import pytest

from core.io.templates import Template
from core.layers import KINDS
from designer.palette.entries import kind_entries, matching, template_entries, with_headings
from designer.palette.fuzzy import rank, search

NAMES = {
    "Conv2D": ("conv", "filter"),
    "ConvTranspose2D": ("deconv",),
    "LocallyConnected2D": (),
    "MaxPool2D": ("pool", "subsampling"),
    "GlobalMaxPool2D": (),
    "LeakyReLU": (),
    "ReLU": ("rectifier",),
    "Flatten": (),
}


def hits(query):
    return search(query, NAMES, lambda name: (name, *NAMES[name]))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("conv", ["Conv2D", "ConvTranspose2D"]),
        ("pool", ["MaxPool2D", "GlobalMaxPool2D"]),
        ("max pool", ["MaxPool2D", "GlobalMaxPool2D"]),
        ("relu", ["ReLU", "LeakyReLU"]),
        ("mp", ["MaxPool2D"]),
        ("ct", ["ConvTranspose2D"]),
        ("filter", ["Conv2D"]),
        ("Deconv", ["ConvTranspose2D"]),
        ("subs", ["MaxPool2D"]),
        ("flt", ["Flatten"]),
        ("xyz", []),
        ("2d2d", []),
    ],
)
def test_the_likeliest_comes_first(query, expected):
    assert hits(query)[: len(expected)] == expected
    assert bool(hits(query)) == bool(expected)


def test_prefix_before_word_before_inside_before_scattered():
    names = ["xpxoxoxl", "spool", "MaxPool", "Poolside", "pool"]
    assert search("pool", names, lambda name: [name]) == ["pool", "Poolside", "MaxPool", "spool", "xpxoxoxl"]


def test_closer_letters_win():
    assert rank("cn", ["conv"]) < rank("cn", ["crayon"])


def test_case_spaces_and_hyphens_do_not_count():
    assert rank("MAX-pool 2d", ["MaxPool2D"]) == rank("maxpool2d", ["MaxPool2D"])


def test_nothing_to_search_for_fits_everything_in_order():
    assert hits("") == list(NAMES)


class TestEntries:
    def test_every_kind_is_offered_once_below_its_family(self):
        rows = with_headings(kind_entries())
        family = ""
        offered = []
        for row in rows:
            if row.role == "heading":
                family = row.text.lower()
                continue
            assert KINDS[row.key].family == family
            assert row.text == KINDS[row.key].label()
            assert KINDS[row.key].summary() in row.help
            offered.append(row.key)
        assert sorted(offered) == sorted(KINDS)
        assert len([row for row in rows if row.role == "heading"]) == len({kind.family for kind in KINDS.values()})

    @pytest.mark.parametrize("kind", KINDS)
    def test_every_kind_is_found_by_its_name_and_its_aliases(self, kind):
        entries = kind_entries()
        assert matching(KINDS[kind].label(), entries)[0].key == kind
        for alias in KINDS[kind].aliases:
            assert kind in [entry.key for entry in matching(alias, entries)]

    def test_templates_stand_last_with_their_parameters(self):
        templates = [Template("lenet5", "LeNet-5", "", 61_706, ""), Template("x", "X", "", 12, "")]
        rows = matching("", [*kind_entries(), *template_entries(templates)])
        assert [(row.text, row.detail) for row in rows[-3:]] == [("TEMPLATES", ""), ("LeNet-5", "61.7 k"), ("X", "12")]
