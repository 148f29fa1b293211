"""Every tuned pool against its definition, over drawn shapes and settings, forwards and backwards."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine.kernels import sliding_pools
from core.engine.kernels.pooling import MaxPoolKernel
from core.engine.kernels.sliding_pools import GlobalMeanKernel, SlidingMaxKernel, SlidingMeanKernel
from core.engine.network import Network
from tests.core.engine.comparing import (
    batches,
    compare,
    compile_fitting,
    dtypes,
    kernels_of,
    paddings,
    sides,
    sizes,
    strides,
)
from tests.core.engine.slowly import assert_as_slow
from tests.drawing import chain, document, layer


@settings(max_examples=80)
@given(
    side=st.tuples(sides, sides, st.integers(1, 4)),
    batch=batches,
    dtype=dtypes,
    training=st.booleans(),
    whole_numbers=st.booleans(),
    seed=st.integers(0, 99),
)
def test_pooling_of_pairs(side, batch, dtype, training, whole_numbers, seed):
    net = compile_fitting(chain(side, ("MaxPool2D", {"rounding": "floor"}), "Tanh"), dtype)
    assert kernels_of(net)[0] == (MaxPoolKernel, 1)
    compare(net, batch, seed, training, whole_numbers)  # small whole numbers make ties: the first maximum wins


@settings(max_examples=200)
@given(
    side=st.tuples(sides, sides, st.integers(1, 4)),
    kind=st.sampled_from(["MaxPool2D", "AvgPool2D"]),
    size=sizes,
    stride=st.none() | strides,
    padding=paddings,
    rounding=st.sampled_from(["floor", "ceil"]),
    dilation=st.integers(1, 2),
    count_padding=st.booleans(),
    group=st.sampled_from([1, 10**6]),
    batch=batches,
    dtype=dtypes,
    training=st.booleans(),
    whole_numbers=st.booleans(),
    seed=st.integers(0, 99),
)
def test_sliding_pools(
    side,
    kind,
    size,
    stride,
    padding,
    rounding,
    dilation,
    count_padding,
    group,
    batch,
    dtype,
    training,
    whole_numbers,
    seed,
):
    only = {"dilation": dilation} if kind == "MaxPool2D" else {"count_padding": count_padding}
    config = {"pool_size": size, "stride": stride, "padding": padding, "rounding": rounding, **only}
    net = compile_fitting(chain(side, "Tanh", (kind, config), "Tanh"), dtype)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sliding_pools, "GROUP_VALUES", group)
        assert kernels_of(net)[1][0] in {MaxPoolKernel, SlidingMaxKernel, SlidingMeanKernel}
        compare(net, batch, seed, training, whole_numbers)


def test_overlapping_pools_give_ties_to_the_first_row_by_row():
    net = Network(chain((4, 4, 1), ("MaxPool2D", {"pool_size": 3, "stride": 1}), "Tanh"), "float64")
    assert kernels_of(net)[0] == (SlidingMaxKernel, 1)
    rng = np.random.default_rng(0)
    for _ in range(20):
        assert_as_slow(net, {"input": rng.integers(0, 2, (3, 4, 4, 1)).astype(float)}, rng, True, 1e-12)


@settings(max_examples=40)
@given(side=st.tuples(sides, sides, st.integers(1, 4)), padded=st.booleans(), batch=batches, dtype=dtypes)
def test_means_of_whole_maps(side, padded, batch, dtype):
    drawn = [*chain(side, "Tanh", "GlobalAvgPool2D", "Tanh").graph.layers]
    if padded:  # another reader of the same pixels wants margins around them
        drawn.append(layer("other", "Conv2D", drawn[1].id, filters=1, kernel_size=3, padding=1))
    net = Network(document(*drawn, outputs=tuple(each.id for each in drawn[3:])), dtype)
    assert (GlobalMeanKernel, 1) in kernels_of(net)
    compare(net, batch, 1, training=True)
