"""All advice there is, in one table."""

from __future__ import annotations

from typing import Final

from core.analysis.advice.advice import LayerAdvice, NetworkAdvice
from core.analysis.advice.branches import dead_branches
from core.analysis.advice.filters import even_filter, large_filter, number_of_filters, strided_filter
from core.analysis.advice.heads import heavy_dense, number_of_classes
from core.analysis.advice.inputs import channels_first
from core.analysis.advice.maps import indivisible_input, narrow_view, shrinking
from core.analysis.advice.order import bias_before_normalisation, dropout_before_normalisation, two_sums
from core.analysis.advice.pools import large_pool
from core.analysis.advice.probabilities import (
    COMPUTING,
    early_softmax,
    second_softmax,
    softmax_before_loss,
    unfit_last_activation,
)
from core.analysis.advice.trail import SLIDING, WEIGHTED
from core.layers.activation import Softmax
from core.layers.convolution import Conv2D
from core.layers.input import Input
from core.layers.normalisation import BatchNorm, InstanceNorm
from core.layers.pooling import AvgPool2D, L2Pool2D, MaxPool2D

_SIZING = "CS231n, “Convolutional Networks”, Layer Sizing Patterns"
_SOFTMAX = "CS231n, “Linear Classification”, Softmax classifier"

ADVICE: Final = (
    LayerAdvice(
        "CHANNELS-FIRST",
        "An Input whose shape begins with the channels",
        "CS231n, “Convolutional Networks”, Architecture Overview: volumes of 32×32×3",
        kinds=frozenset({Input}),
        find=channels_first,
    ),
    LayerAdvice(
        "LINEAR-TWICE",
        "Two convolutions or dense layers with nothing non-linear between them",
        "CS231n, “Neural Networks Part 1”, Commonly used activation functions",
        kinds=WEIGHTED,
        find=two_sums,
    ),
    LayerAdvice(
        "BIAS-UNUSED",
        "A bias that the next normalisation takes away",
        "Ioffe and Szegedy, “Batch Normalization”, ICML 2015, section 3.2",
        kinds=frozenset({BatchNorm, InstanceNorm}),
        find=bias_before_normalisation,
    ),
    LayerAdvice(
        "DROPOUT-ORDER",
        "Dropout before a batch normalisation",
        "Li et al., “Understanding the Disharmony Between Dropout and Batch Normalization”, CVPR 2019",
        kinds=frozenset({BatchNorm}),
        find=dropout_before_normalisation,
    ),
    LayerAdvice("SOFTMAX-TWICE", "A second Softmax", _SOFTMAX, kinds=frozenset({Softmax}), find=second_softmax),
    LayerAdvice("SOFTMAX-EARLY", "A Softmax before the last layer", _SOFTMAX, kinds=COMPUTING, find=early_softmax),
    NetworkAdvice(
        "SOFTMAX-EARLY", "A Softmax that is not the last layer before the loss", _SOFTMAX, find=softmax_before_loss
    ),
    NetworkAdvice("LOSS-OUTPUT", "A last activation that does not suit the loss", _SOFTMAX, find=unfit_last_activation),
    NetworkAdvice(
        "CLASSES-COUNT",
        "More outputs than the data set has classes",
        "CS231n, “Convolutional Networks”, Fully-connected layer",
        find=number_of_classes,
    ),
    LayerAdvice(
        "FILTER-EVEN",
        "Even filters with padding “same”",
        "Wu et al., “Convolution with Even-Sized Kernels and Symmetric Padding”, NeurIPS 2019; CS231n: F is odd",
        kinds=SLIDING,
        find=even_filter,
    ),
    LayerAdvice(
        "FILTER-LARGE",
        "Large filters after the first layer, where stacked 3×3 filters would cost less",
        "Simonyan and Zisserman, “Very Deep Convolutional Networks”, ICLR 2015, section 2.3; CS231n, Layer Patterns",
        kinds=frozenset({Conv2D}),
        find=large_filter,
    ),
    LayerAdvice(
        "POOL-LARGE",
        "Pools larger than 3×3",
        _SIZING,
        kinds=frozenset({MaxPool2D, AvgPool2D, L2Pool2D}),
        find=large_pool,
    ),
    LayerAdvice("MAP-SHRINKS", "Images that shrink too fast", _SIZING, kinds=SLIDING, find=shrinking),
    NetworkAdvice(
        "FIELD-SMALL",
        "A last map whose values see less than half of the input",
        "Araujo, Norris and Sim, “Computing Receptive Fields of Convolutional Neural Networks”, Distill 2019",
        find=narrow_view,
    ),
    NetworkAdvice(
        "DENSE-HEAVY",
        "A dense layer that holds more than 80 % of the parameters",
        "Lin, Chen and Yan, “Network In Network”, ICLR 2014, section 3.2; CS231n, Case studies",
        find=heavy_dense,
    ),
    NetworkAdvice(
        "BRANCH-DEAD",
        "Layers that lead to no output",
        "What no output depends on gets no gradient: CS231n, “Backpropagation, Intuitions”",
        find=dead_branches,
    ),
    LayerAdvice(
        "STRIDE-LARGE",
        "Strides where a pool would do",
        _SIZING,
        on=False,  # ResNets and all later networks scale by strides
        kinds=frozenset({Conv2D}),
        find=strided_filter,
    ),
    NetworkAdvice(
        "FILTERS-COUNT",
        "Numbers of filters that are not powers of two",
        "CS231n, “Convolutional Networks”, common settings of K",
        on=False,  # LeNet-5 has 6 and 16, SqueezeNet and MobileNet many more
        find=number_of_filters,
    ),
    NetworkAdvice(
        "INPUT-SIDE",
        "Input sides that the total stride does not divide",
        _SIZING,
        on=False,  # 28×28 and 227×227 work well
        find=indivisible_input,
    ),
)
"""Every piece of advice, in the order of the list of switches; a code may have two rules."""

SWITCHES: Final = tuple({advice.code: advice for advice in reversed(ADVICE)}.values())[::-1]
"""One entry for each code, which is what can be switched on and off."""

DEFAULT_ADVICE: Final = frozenset(advice.code for advice in ADVICE if advice.on)
"""The codes of the advice that is on unless the user chooses otherwise."""
