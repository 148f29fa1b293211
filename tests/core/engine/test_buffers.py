"""Memory that values share, but never while both are needed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.engine.kernels.kernel import Margins
from core.engine.plans.buffers import ALIGNMENT, Place, pack

places = st.lists(
    st.builds(
        lambda shape, first, length: Place(shape, 2, first, first + length),
        st.tuples(st.integers(1, 40)) | st.tuples(*[st.integers(1, 4)] * 3),
        st.integers(0, 10),
        st.integers(0, 5),
    ),
    max_size=12,
)


def meets(one, other):
    return one.first <= other.last and other.first <= one.last


@given(places)
def test_places_that_are_needed_together_lie_apart(places):
    size = pack(places)
    for index, place in enumerate(places):
        assert place.end <= size
        assert place.offset % ALIGNMENT == 0
        assert not any(meets(place, other) and place.overlaps(other) for other in places[:index])


def test_places_that_follow_each_other_share():
    chain = [Place((100,), 1, step, step + 1) for step in range(10)]
    assert pack(chain) == 2 * 112


def test_a_view_has_the_margins_that_are_asked_for():
    place = Place((4, 5, 3), 2, 0, 1)
    place.widen(Margins(1, 0, 2, 0))
    place.widen(Margins(0, 2, 1, 1))
    memory = np.zeros(pack([place]))
    place.attach(memory)
    assert place.view().shape == (3, 4, 5, 2)
    assert place.view(Margins(1, 2, 2, 1)).shape == (3, 7, 8, 2)
    place.view()[:] = 1
    narrow = place.view(Margins(0, 1, 1, 0))
    assert narrow.shape == (3, 5, 6, 2)
    assert narrow[:, :4, 1:].all()
    assert not narrow[:, 4].any()
    assert not narrow[:, :, 0].any()


def test_the_margins_are_all_that_is_not_the_value():
    place = Place((4, 5, 3), 2, 0, 1)
    place.widen(Margins(1, 2, 2, 1))
    memory = np.zeros(pack([place]))
    place.attach(memory)
    for margin in place.margin_views():
        margin[...] += 1
    assert not place.view().any()
    place.view()[:] = 1
    assert (memory[: 3 * 7 * 8 * 2] == 1).all()
