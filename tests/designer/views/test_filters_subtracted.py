"""The difference of two moments beside the filters of one: colours become numbers, and the same filter is chosen."""

import numpy as np
import pytest

from core.training.snapshots import Snapshot, difference
from designer import theme
from designer.session import Session
from designer.theme.colormaps import weights
from designer.views import FiltersView
from tests.designer.views.looking import click_value, colour_at, colour_of
from tests.drawing import chain

WORDS = "B − A: run 1 at batch 40 minus run 1 at batch 10"
SHAPE = (3, 3, 3, 4)


@pytest.fixture
def beside(qtbot):
    """B, in colour, and B − A, of a layer that reads red, green and blue."""
    theme.set_theme("dark")
    session = Session(chain([8, 8, 3], ("Conv2D", {"filters": 4, "kernel_size": 3})))
    views = [FiltersView(session) for _ in range(2)]
    for view in views:
        qtbot.addWidget(view)
        view.resize(520, 300)
        view.show()
    views[0].keep_with(views[1])
    views[1].keep_with(views[0])
    rng = np.random.default_rng(8)
    b, a = (Snapshot(step, {"conv1": rng.normal(size=SHAPE).astype(np.float32)}) for step in (40, 10))
    views[1].show_difference(WORDS)
    views[0].show_snapshot(b)
    views[1].show_snapshot(difference(b, a))
    return (*views, b.kernels["conv1"] - a.kernels["conv1"])


def test_changes_of_colours_are_shown_channel_by_channel_around_zero(beside):
    b, change, values = beside
    limit = float(np.abs(values).max())
    assert not b.legend.isVisible()
    assert change.legend.isVisible()
    assert (change.legend.texts[0], change.legend.what) == ("−" + change.legend.texts[1], "change of a weight")
    for channel, number in ((0, 0), (2, 3), (1, 2)):
        seen = colour_at(change.mosaic, (channel * 4 + number, 1, 2))
        assert seen == colour_of(values[1, 2, channel, number], weights(theme.current()), -limit, limit)


def test_a_filter_is_chosen_in_both_whatever_the_channel(qtbot, beside):
    b, change, _ = beside
    for place, number, kept in (((9, 1, 1), 1, 9), ((2, 0, 0), 2, 2), ((11, 0, 0), 3, 11), ((7, 0, 0), 3, 7)):
        click_value(qtbot, change.mosaic, place)
        assert b.mosaic.choice[0] == number
        assert change.mosaic.choice[0] == kept
    click_value(qtbot, b.mosaic, (0, 1, 1))
    assert change.mosaic.choice[0] == 0


def test_the_picture_that_is_kept_says_what_is_subtracted(beside):
    b, change, _ = beside
    caption = change.words_for_picture()
    assert caption.title == "conv1: filters"
    assert WORDS in caption.about
    assert (caption.scale.low, caption.scale.high, caption.scale.what) == (*change.legend.texts, "change of a weight")
    assert "red, green and blue from −" in b.words_for_picture().about


def test_what_cannot_be_subtracted_is_said(beside):
    _, change, _ = beside
    b, a = Snapshot(2, {"conv1": np.zeros(SHAPE)}), Snapshot(1, {"conv1": np.zeros((3, 3, 3, 5))})
    change.show_snapshot(difference(b, a))
    assert change.empty_text.replace("\u200b", "").startswith("conv1 is 3×3×3×4 at B and 3×3×3×5 at A")


def test_equal_moments_say_that_nothing_changed(beside):
    _, change, _ = beside
    same = Snapshot(2, {"conv1": np.ones(SHAPE, np.float32)})
    change.show_snapshot(difference(same, same))
    assert change.subtitle.text().startswith("nothing changed · ")
