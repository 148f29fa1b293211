from hypothesis import given
from hypothesis import strategies as st

from core.io.datasets.natural import natural_key


def test_numbers_in_names_count_by_their_value():
    names = ["1", "2", "9", "10", "010", "a1b2", "a1b10", "a2b1", "A3", "b", "9" * 5000 + "1", "9" * 5000 + "2"]
    in_order = ["1", "2", "9", "010", "10", names[-2], names[-1], "a1b2", "a1b10", "a2b1", "A3", "b"]
    assert sorted(names, key=natural_key) == in_order


@given(st.lists(st.text()).flatmap(lambda names: st.tuples(st.just(names), st.permutations(names))))
def test_any_names_have_one_order(both):
    names, shuffled = both
    assert sorted(names, key=natural_key) == sorted(shuffled, key=natural_key)
