"""Products in pieces: the same sums, and cut only where BLAS gains by it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.engine.kernels import products
from core.engine.kernels.columns import rows_at_once
from core.engine.kernels.products import Summed, columns_at_once, columns_cut, product, rows_cut
from tests.core.engine.comparing import cutting, small_products

few = st.integers(1, 12)


@given(few, few, few, small_products, st.integers(0, 9))
def test_a_product_is_the_same_in_pieces(m, k, n, small, seed):
    rng = np.random.default_rng(seed)
    a, b, out = rng.random((m, k)), rng.random((k, n)), np.empty((m, n))
    with cutting(1, small):
        product(a, b, out)()
    np.testing.assert_allclose(out, a @ b, rtol=1e-14)


@given(few, few, st.lists(few, min_size=1, max_size=4), small_products, st.integers(0, 9))
def test_sums_over_chunks_are_the_same_in_pieces(m, k, widths, small, seed):
    rng = np.random.default_rng(seed)
    chunks = [(rng.random((m, n)), rng.random((k, n))) for n in widths]
    total = np.full((m, k), 7.0)
    with cutting(1, small):
        for number, (a, b) in enumerate(chunks):
            Summed(a, b, total, np.empty(m * k), number == 0).run()
    np.testing.assert_allclose(total, sum(a @ b.T for a, b in chunks), rtol=1e-13)


@given(st.integers(2, 3), few, few, few, small_products, st.integers(0, 9))
def test_stacks_of_products_are_left_whole(groups, m, k, n, small, seed):
    rng = np.random.default_rng(seed)
    a, b, d = rng.random((groups, m, k)), rng.random((groups, k, n)), rng.random((groups, m, n))
    out, total = np.empty((groups, m, n)), np.empty((groups, k, m))
    with cutting(1, small):
        product(a, b, out)()
        Summed(b, d, total, np.empty(total.size), first=True).run()
    np.testing.assert_allclose(out, a @ b, rtol=1e-14)
    np.testing.assert_allclose(total, b @ d.transpose(0, 2, 1), rtol=1e-14)


@pytest.fixture
def has_small_products(monkeypatch):
    monkeypatch.setattr(products, "small_products", lambda: True)


@pytest.mark.usefixtures("has_small_products")
def test_pieces_are_as_large_as_the_limits_allow():
    assert columns_cut(6, 26, 6410) == 1  # 999,960 multiply-accumulates
    assert columns_cut(6, 26, 6412) == 2
    assert columns_cut(6, 26, 6413) == 1  # it has no divisor near 2
    assert columns_cut(64, 576, 1024) == 1  # they would be narrower than pays
    assert columns_at_once(6, 26) == 6410
    assert columns_at_once(16, 76) is None  # its sums would have to be cut anyway
    assert rows_cut(26, 3584, 6) == 26
    assert rows_cut(26, 7168, 6) == 13
    assert rows_cut(151, 640, 16) == 50  # three pieces, and a row that is left
    assert rows_cut(288, 1024, 32) == 288
    assert rows_cut(9, 10**6, 2) == 9  # not even one row is small


def test_nothing_is_cut_where_blas_knows_no_small_products(monkeypatch):
    monkeypatch.setattr(products, "small_products", lambda: False)
    assert columns_cut(6, 26, 6412) == 1
    assert rows_cut(26, 7168, 6) == 26
    assert columns_at_once(6, 26) is None


def test_chunks_are_no_larger_than_a_small_product():
    assert rows_at_once(28, 1) == 28
    assert rows_at_once(7, 1, unit=2) == 8  # one chunk, of which a row is not there
    assert rows_at_once(28, 1, unit=2, at_most=7) == 6
    assert rows_at_once(28, 1, unit=2, at_most=1) == 2
    assert rows_at_once(28, 1, at_most=0) == 28  # not even a row would be small
