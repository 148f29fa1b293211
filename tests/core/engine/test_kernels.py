"""Every tuned kernel against the definition of its kinds, over drawn shapes and settings, forwards and backwards."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.engine.kernels import convolution_back, normalisation
from core.engine.kernels.choice import PATTERNS
from core.engine.kernels.convolution import ConvolutionKernel
from core.engine.kernels.convolution_back import Correlation, Scattering, ScatteringAcross
from core.engine.kernels.definition import DefinitionKernel
from core.engine.kernels.dense import DenseKernel
from core.engine.kernels.elementwise import ReLUKernel
from core.engine.kernels.kernel import Part
from core.engine.kernels.merge import AddKernel, ConcatKernel
from core.engine.kernels.normalisation import BatchNormKernel
from core.engine.kernels.pointwise import PointwiseKernel
from core.engine.kernels.pooling import MaxPoolKernel
from core.engine.kernels.reshaping import FlattenKernel
from core.engine.kernels.sliding_pools import GlobalMeanKernel, SlidingMaxKernel, SlidingMeanKernel
from core.engine.network import DERIVING, Network
from core.engine.plans.memory_plan import STEP
from tests.core.engine.comparing import (
    TAILS,
    batches,
    between_layers,
    chunks,
    compare,
    compile_fitting,
    cutting,
    dtypes,
    kernels_of,
    paddings,
    sides,
    sizes,
    small_products,
    strides,
)
from tests.core.engine.slowly import assert_as_slow
from tests.drawing import chain, document, layer


@settings(max_examples=150)
@given(
    side=st.tuples(sides, sides, st.integers(1, 4)),
    filters=st.integers(1, 5),
    size=sizes,
    stride=strides,
    padding=paddings,
    dilation=st.integers(1, 2) | st.tuples(st.integers(1, 2), st.integers(1, 2)),
    groups=st.integers(1, 3),
    bias=st.booleans(),
    behind=st.sampled_from([(), ("ReLU",), ("MaxPool2D",), ("ReLU", "MaxPool2D"), ("MaxPool2D", "ReLU"), ("Tanh",)]),
    chunk=chunks,
    small=small_products,
    batch=batches,
    dtype=dtypes,
    training=st.booleans(),
    seed=st.integers(0, 99),
)
def test_convolution(
    side, filters, size, stride, padding, dilation, groups, bias, behind, chunk, small, batch, dtype, training, seed
):
    conv = {
        "filters": filters * groups,
        "kernel_size": size,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
        "bias": bias,
        "rounding": "floor",
    }
    side = (*side[:2], side[2] * groups)
    drawn = chain(side, ("Conv2D", conv), *((kind, {"rounding": "floor"} if "Pool" in kind else {}) for kind in behind))
    net = compile_fitting(drawn, dtype)
    with cutting(chunk, small):
        assert kernels_of(net, batch)[0][0] in {ConvolutionKernel, PointwiseKernel}
        compare(net, batch, seed, training)


@settings(max_examples=150)
@given(
    side=st.tuples(sides, sides, st.sampled_from([1, 12, 13])),
    filters=st.integers(1, 5) | st.just(12),
    size=sizes,
    padding=paddings,
    dilation=st.integers(1, 2),
    bias=st.booleans(),
    behind=st.sampled_from(TAILS),
    frozen=st.booleans(),
    stays=st.booleans(),
    chunk=chunks,
    small=small_products,
    batch=batches,
    dtype=dtypes,
    seed=st.integers(0, 99),
)
def test_all_ways_back_through_a_convolution(
    side, filters, size, padding, dilation, bias, behind, frozen, stays, chunk, small, batch, dtype, seed
):
    conv = {"filters": filters, "kernel_size": size, "padding": padding, "dilation": dilation, "bias": bias}
    drawn = between_layers(side, layer("conv", "Conv2D", "before", trainable=not frozen, **conv), behind)
    net = compile_fitting(drawn, dtype)
    with cutting(chunk, small), pytest.MonkeyPatch.context() as patch:
        patch.setattr(convolution_back, "stays_in_cache", lambda n_bytes: stays)
        compare(net, batch, seed, training=True)


def test_which_way_back_pays(monkeypatch):
    def way(channels, **conv):
        conv = {"filters": 4, "kernel_size": 3, "padding": 1} | conv
        net = Network(between_layers((8, 8, channels), layer("conv", "Conv2D", "before", **conv), ()))
        return type(net._plans.of(Part(2, 2), DERIVING).kernels[1].way_back)

    assert way(12) is way(12, kernel_size=5, padding=0) is way(12, stride=(1, 2), rounding="floor") is ScatteringAcross
    monkeypatch.setattr(convolution_back, "stays_in_cache", lambda n_bytes: False)
    assert way(12) is Correlation
    assert way(11) is ScatteringAcross
    assert way(12, stride=2, rounding="floor") is way(12, kernel_size=5, padding=0) is Scattering


def test_nothing_is_made_ready_to_lead_a_gradient_to_the_samples_where_nobody_asks():
    net = Network(chain((8, 8, 1), ("Conv2D", {"filters": 4, "kernel_size": 3, "padding": 1}), "Flatten", "Softmax"))
    asked, unasked = (net._plans.of(Part(2, 2), purpose).kernels[0] for purpose in (DERIVING, STEP))
    assert (type(asked.way_back), type(unasked.way_back)) == (ScatteringAcross, Scattering)
    assert asked.n_scratch > unasked.n_scratch


@settings(max_examples=60)
@given(
    side=st.tuples(sides, sides, st.integers(1, 4)),
    filters=st.integers(1, 5),
    bias=st.booleans(),
    behind=st.sampled_from(TAILS),
    padded=st.booleans(),
    frozen=st.booleans(),
    chunk=chunks,
    small=small_products,
    batch=batches,
    dtype=dtypes,
    seed=st.integers(0, 99),
)
def test_convolution_of_points(side, filters, bias, behind, padded, frozen, chunk, small, batch, dtype, seed):
    conv = layer("conv", "Conv2D", "before", trainable=not frozen, filters=filters, kernel_size=1, bias=bias)
    drawn = between_layers(side, conv, behind)
    if padded:  # another reader of the same pixels wants margins around them
        other = layer("other", "Conv2D", "before", filters=2, kernel_size=3, padding=1)
        drawn = document(*drawn.graph.layers, other, outputs=(drawn.graph.layers[-1].id, "other"))
    net = compile_fitting(drawn, dtype)
    with cutting(chunk, small):
        assert PointwiseKernel in {kernel for kernel, _ in kernels_of(net, batch)}
        compare(net, batch, seed, training=True)


@settings(max_examples=150)
@given(
    side=st.tuples(sides) | st.tuples(sides, sides, sides),
    behind=st.sampled_from(TAILS),
    affine=st.booleans(),
    frozen=st.booleans(),
    group=st.sampled_from([1, 100, 10**6]),
    batch=st.integers(2, 5),
    dtype=dtypes,
    training=st.booleans(),
    seed=st.integers(0, 99),
)
def test_batch_normalisation(side, behind, affine, frozen, group, batch, dtype, training, seed):
    normal = layer("bn", "BatchNorm", "before", affine=affine, trainable=not frozen, epsilon=0.01, momentum=0.7)
    net = compile_fitting(between_layers(side, normal, behind), dtype)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(normalisation, "GROUP_VALUES", group)
        compare(net, batch, seed, training)


def test_the_sum_behind_a_residual_path_is_computed_with_it():
    net = Network(between_layers((4, 4, 2), layer("bn", "BatchNorm", "before"), ("Add", "ReLU")))
    assert kernels_of(net) == [(DefinitionKernel, 1), (BatchNormKernel, 3), (DefinitionKernel, 1)]


@settings(max_examples=60)
@given(
    first=st.integers(1, 3), second=paddings, batch=batches, dtype=dtypes, seed=st.integers(0, 99), pool=st.booleans()
)
def test_a_convolution_reads_its_margins_from_what_another_wrote(first, second, batch, dtype, seed, pool):
    conv1 = ("Conv2D", {"filters": 3, "kernel_size": 3, "padding": 1})
    between = ["ReLU", "MaxPool2D"] if pool else ["ReLU"]
    conv2 = ("Conv2D", {"filters": 2, "kernel_size": 3, "padding": second, "stride": first, "rounding": "floor"})
    compare(compile_fitting(chain((6, 8, 2), conv1, *between, conv2, "Tanh"), dtype), batch, seed, training=True)


@settings(max_examples=40)
@given(seed=st.integers(0, 99), relu_first=st.booleans(), batch=batches)
def test_ties_behind_a_convolution_are_won_by_the_first(seed, relu_first, batch):
    behind = ["ReLU", "MaxPool2D"] if relu_first else ["MaxPool2D", "ReLU"]
    net = Network(chain((6, 4, 1), ("Conv2D", {"filters": 1, "kernel_size": 1}), *behind, "Tanh"), "float64")
    assert kernels_of(net)[0] == (PointwiseKernel, 3)
    rng = np.random.default_rng(seed)
    net.weights["conv1/kernel"] = np.ones((1, 1, 1, 1))
    net.weights["conv1/bias"] = [rng.integers(-1, 2)]
    assert_as_slow(net, {"input": rng.integers(-2, 3, (batch, 6, 4, 1)).astype(float)}, rng, True, 1e-12)


@settings(max_examples=60)
@given(
    features=st.integers(1, 9),
    units=st.integers(1, 9),
    bias=st.booleans(),
    relu=st.booleans(),
    batch=batches,
    dtype=dtypes,
    seed=st.integers(0, 99),
)
def test_dense(features, units, bias, relu, batch, dtype, seed):
    dense = ("Dense", {"units": units, "bias": bias})
    net = Network(chain((features,), dense, "ReLU" if relu else "Tanh", dense), dtype)
    assert kernels_of(net)[0] == (DenseKernel, 2 if relu else 1)
    compare(net, batch, seed, training=True)


@settings(max_examples=60)
@given(
    shape=st.tuples(sides) | st.tuples(sides, sides, sides),
    kind=st.sampled_from(["ReLU", "Flatten"]),
    batch=batches,
    dtype=dtypes,
    seed=st.integers(0, 99),
)
def test_relu_and_flatten(shape, kind, batch, dtype, seed):
    net = Network(chain(shape, "Tanh", kind, "Tanh"), dtype)
    assert kernels_of(net)[1] == ({"ReLU": ReLUKernel, "Flatten": FlattenKernel}[kind], 1)
    compare(net, batch, seed, training=True)


@settings(max_examples=60)
@given(
    shape=st.tuples(sides) | st.tuples(sides, sides, sides),
    ports=st.integers(2, 4),
    batch=batches,
    dtype=dtypes,
    same=st.booleans(),
)
def test_add(shape, ports, batch, dtype, same):
    inputs = [layer(f"input{port}", "Input", shape=shape) for port in range(ports)]
    sources = ["input0"] * ports if same else [drawn.id for drawn in inputs]
    net = Network(document(*(inputs[:1] if same else inputs), layer("sum", "Add", sources)), dtype)
    assert kernels_of(net) == [(AddKernel, 1)]
    compare(net, batch, 1, training=True)


@settings(max_examples=60)
@given(
    shape=st.tuples(sides) | st.tuples(sides, sides, sides),
    lengths=st.lists(sides, min_size=2, max_size=4),
    axis=st.integers(-3, 2),
    batch=batches,
    dtype=dtypes,
)
def test_concat(shape, lengths, axis, batch, dtype):
    assume(-len(shape) <= axis < len(shape))
    inputs = []
    for port, length in enumerate(lengths):
        own = list(shape)
        own[axis] = length
        inputs.append(layer(f"input{port}", "Input", shape=own))
    net = Network(document(*inputs, layer("joined", "Concat", [drawn.id for drawn in inputs], axis=axis)), dtype)
    assert kernels_of(net) == [(ConcatKernel, 1)]
    compare(net, batch, 1, training=True)


def test_kinds_and_settings_that_no_kernel_suits_run_their_definition():
    net = Network(
        chain(
            (8, 8, 4),
            ("ConvTranspose2D", {"filters": 4, "kernel_size": 3}),
            "Sigmoid",
            ("L2Pool2D", {"pool_size": 2}),
        )
    )
    assert kernels_of(net) == [(DefinitionKernel, 1)] * 3


def test_layers_are_only_fused_where_nothing_else_reads_between():
    conv = layer("conv", "Conv2D", "input", filters=2, kernel_size=3, padding=1)
    drawn = [
        layer("input", "Input", shape=(8, 8, 1)),
        conv,
        layer("relu", "ReLU", "conv"),
        layer("pool", "MaxPool2D", "relu"),
    ]
    assert kernels_of(Network(document(*drawn))) == [(ConvolutionKernel, 3)]
    assert kernels_of(Network(document(*drawn, outputs=("relu", "pool")))) == [
        (ConvolutionKernel, 2),
        (MaxPoolKernel, 1),
    ]
    both = layer("sum", "Add", ["conv", "relu"])
    alone = {(kernel, 1) for kernel in (ConvolutionKernel, ReLUKernel, AddKernel, MaxPoolKernel)}
    assert set(kernels_of(Network(document(*drawn, both)))) == alone


def test_every_pattern_of_the_table_is_tested_here():
    tested = {
        ConvolutionKernel,
        PointwiseKernel,
        BatchNormKernel,
        DenseKernel,
        MaxPoolKernel,
        SlidingMaxKernel,
        SlidingMeanKernel,
        GlobalMeanKernel,
        ReLUKernel,
        FlattenKernel,
        AddKernel,
        ConcatKernel,
    }
    assert {pattern.kernel for pattern in PATTERNS} == tested
