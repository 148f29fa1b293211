"""Many small images as one: every pixel where it belongs, every place found again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.views.mosaic import Arrangement, arrange, compose, shrink


@st.composite
def rooms(draw):
    n, high, wide = draw(st.integers(1, 40)), draw(st.integers(1, 30)), draw(st.integers(1, 30))
    room = (draw(st.integers(10, 600)), draw(st.integers(60, 900)))
    return n, high, wide, room


@given(rooms())
def test_it_is_never_wider_than_the_room_and_holds_every_cell(drawn):
    n, high, wide, room = drawn
    made = arrange(n, high, wide, room)
    assert made.size[1] <= room[1]
    assert made.rows * made.columns >= n > (made.rows - 1) * made.columns


@given(rooms())
def test_higher_than_the_room_only_where_cells_are_least(drawn):
    n, high, wide, room = drawn
    made = arrange(n, high, wide, room, least=12)
    if made.size[0] > room[0]:
        assert max(made.cell_high, made.cell_wide) <= 12


@given(rooms())
def test_every_value_is_found_where_it_is_drawn(drawn):
    n, high, wide, room = drawn
    made = arrange(n, high, wide, room)
    if made.cell_high < high or made.cell_wide < wide:
        return
    for cell in {0, n // 2, n - 1}:
        for row, column in ((0, 0), (high - 1, wide - 1), (high // 2, 0)):
            x, y, _, _ = made.frame(cell, row, column)
            assert made.find(x, y) == (cell, row, column)


def test_evenly_scaled_values_are_found_exactly():
    made = Arrangement(4, 2, 2, 3, 3, 9, 9, 2)
    for cell in range(4):
        for row in range(3):
            for column in range(3):
                x, y, wide, high = made.frame(cell, row, column)
                for at in ((x, y), (x + wide - 1, y + high - 1)):
                    assert made.find(*at) == (cell, row, column)


def test_gaps_and_the_outside_are_nobodys():
    made = Arrangement(3, 2, 2, 3, 3, 9, 9, 2)
    assert made.find(10, 4) is None
    assert made.find(4, 9) is None
    assert made.find(-1, 4) is None
    assert made.find(4, 400) is None
    assert made.find(15, 15) is None  # there is no fourth cell


@pytest.mark.parametrize("gap", [0, 1, 3])
def test_pixels_are_those_of_the_cells(gap):
    rng = np.random.default_rng(0)
    cells = rng.integers(1, 255, (5, 2, 3, 4)).astype(np.uint8)
    made = Arrangement(5, 2, 3, 2, 3, 4, 6, gap)
    whole = compose(cells, made)
    assert whole.shape == (*made.size, 4)
    for cell in range(5):
        x, y = made.place(cell)
        expected = cells[cell].repeat(2, axis=0).repeat(2, axis=1)
        np.testing.assert_array_equal(whole[y : y + 4, x : x + 6], expected)
    assert not whole[made.place(5)[1] :, made.place(5)[0] :].any()
    if gap:
        assert not whole[4 : 4 + gap].any()
        assert not whole[:, 6 : 6 + gap].any()


def test_values_without_a_pixel_are_left_out():
    cells = np.arange(2 * 8 * 8).reshape(2, 8, 8)
    made = Arrangement(2, 1, 2, 8, 8, 4, 4, 1)
    np.testing.assert_array_equal(shrink(cells, made), cells[:, ::2, ::2])


def test_more_room_gives_larger_cells_up_to_a_limit():
    sizes = [arrange(6, 5, 5, (100, room)).cell_wide for room in (60, 120, 400, 4000)]
    assert sizes == sorted(sizes)
    assert arrange(1, 5, 5, (4000, 4000), most=160).cell_wide == 160


def test_few_values_are_equally_large():
    made = arrange(16, 5, 5, (300, 310), columns=16)
    assert made.cell_wide % 5 == 0
