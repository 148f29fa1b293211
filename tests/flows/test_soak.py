"""Somebody looks everywhere while a network trains; it learns as if nobody had. The long form is a benchmark."""

import numpy as np
import pytest

from tests.benchmarks.soak import sit, undisturbed

SECONDS = 6.0


@pytest.mark.timeout(240)
def test_looking_changes_no_weight(window, qtbot):
    window.resize(1600, 1000)
    weights, n, counts = sit(window, SECONDS, seed=3)
    assert n > 0
    assert sum(counts.values()) > 10
    alone = undisturbed(n)
    assert weights.keys() == alone.keys()
    for name, array in alone.items():
        np.testing.assert_array_equal(weights[name], array, err_msg=name)
