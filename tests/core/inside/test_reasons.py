"""Explanations against the same formulas in plain loops, and what each of them is told to refuse."""

import numpy as np
import pytest

from core.analysis.receptive_field import Box
from core.engine.network import Network
from core.errors import NetworkError
from core.inside.filters import MOST_SAMPLES, Filter, effective_size
from core.inside.gradients import GradCAM, GuidedBackprop, IntegratedGradients, Saliency
from core.inside.occlusion import Occlusion, covers
from core.inside.passes import Pass
from core.inside.reasons import CLASS_REASONS, EFFECTIVE_FIELD, MAXIMISATION, REASONS, TOP_PATCHES
from core.inside.subject import Subject
from core.io.datasets import plain_dataset
from core.io.templates import load_template
from core.training.preparation import Preparation
from core.work import outcome_of
from tests.core.engine.graphs import inception, residual, unet
from tests.core.inside.plain import DEPTH, FILTERS, SIDE, Plain, network, sample
from tests.drawing import chain, document, layer

CLOSE = 1e-5


def subject(net=None, label=2, x=None, black=None):
    x = sample() if x is None else x
    return Subject(net or network(), x, label, np.zeros_like(x) if black is None else black)


def close(measured, expected):
    assert np.abs(expected).max() > 0
    np.testing.assert_allclose(measured, expected, atol=CLOSE * np.abs(expected).max(), rtol=CLOSE)


@pytest.mark.parametrize("label", range(4))
def test_saliency_and_guided_backprop(label):
    plain = Plain(network())
    plain.forward(sample())
    maps = plain.maps_gradient(label)
    for reason, guided in ((Saliency(), False), (GuidedBackprop(), True)):
        expected = np.abs(plain.input_gradient(maps, guided)).max(axis=-1)
        close(outcome_of(reason.work(subject(label=label))).values, expected)


@pytest.mark.parametrize("label", range(4))
def test_grad_cam(label):
    plain = Plain(network())
    plain.forward(sample())
    alpha = plain.maps_gradient(label).mean(axis=(0, 1))
    heat = outcome_of(GradCAM().work(subject(label=label)))
    expected = np.maximum((plain.relu * alpha).sum(axis=-1), 0)
    np.testing.assert_allclose(heat.values, expected, atol=CLOSE)
    assert heat.note.startswith("relu1, 6×6")


def test_integrated_gradients_and_that_they_add_up():
    plain, x, black = Plain(network()), sample(), np.full((SIDE, SIDE, DEPTH), 0.1)
    total = np.zeros_like(x)
    for t in (np.arange(64) + 0.5) / 64:
        plain.forward(black + t * (x - black))
        total += plain.input_gradient(plain.maps_gradient(1))
    heat = outcome_of(IntegratedGradients().work(subject(label=1, black=black)))
    close(heat.values, ((x - black) * total / 64).sum(axis=-1))
    rise = plain.forward(x)[1] - plain.forward(black)[1]
    assert heat.values.sum() == pytest.approx(rise, abs=0.05 * abs(rise) + 0.01)


def test_occlusion():
    plain, x = Plain(network()), sample()
    base, reach = plain.probabilities(x)[0], covers(x.shape)[1] // 2
    expected = np.zeros((SIDE, SIDE))
    for i in range(SIDE):
        for j in range(SIDE):
            other = x.copy()
            other[max(i - reach, 0) : i + reach + 1, max(j - reach, 0) : j + reach + 1] = 0
            expected[i, j] = base - plain.probabilities(other)[0]
    close(outcome_of(Occlusion().work(subject(label=0))).values, expected)


def test_effective_field():
    plain, xs = Plain(network()), np.stack([sample(seed) for seed in range(4)])
    total = np.zeros((SIDE, SIDE, DEPTH))
    for x in xs:
        plain.forward(x)
        drelu = np.zeros_like(plain.relu)
        drelu[SIDE // 2, SIDE // 2, 1] = 1
        total += np.abs(plain.input_gradient(drelu))
    expected = total.sum(axis=-1) / len(xs)
    heat = outcome_of(EFFECTIVE_FIELD.work(Filter(network(), "relu1", 1), xs))
    close(heat.values, expected)
    assert effective_size(heat.values) == np.sqrt((expected > 0.0455 * expected.max()).sum())


def test_effective_field_looks_at_so_many_samples_at_most():
    xs = np.stack([sample(seed) for seed in range(MOST_SAMPLES + 5)])
    net = network()
    all_, some = (outcome_of(EFFECTIVE_FIELD.work(Filter(net, "conv1", 0), part)) for part in (xs, xs[:MOST_SAMPLES]))
    assert np.array_equal(all_.values, some.values)


def test_maximisation_takes_the_steps_of_its_formula():
    net, plain = network(), Plain(network())
    filter_ = Filter(net, "conv1", 2)
    x = np.zeros((SIDE, SIDE, DEPTH))
    for _ in range(MAXIMISATION.n_steps):
        plain.forward(x)
        padded = np.zeros((SIDE + 2, SIDE + 2, DEPTH))
        for i in range(SIDE):
            for j in range(SIDE):
                padded[i : i + 3, j : j + 3] += plain.kernel[..., 2] / SIDE**2
        gradient = padded[1:-1, 1:-1] - MAXIMISATION.decay * x
        x = x + MAXIMISATION.step * gradient / np.sqrt((gradient**2).mean())
    wanted = outcome_of(MAXIMISATION.work(filter_, np.zeros_like(x)))
    close(wanted.x, x)
    assert wanted.after > wanted.before
    assert wanted.after == pytest.approx(plain.forward(x) is not None and plain.conv[..., 2].mean())


def test_maximisation_of_a_filter_that_nothing_moves():
    net = network()
    net.weights["conv1/bias"] = np.full(FILTERS, -100.0)
    with pytest.raises(NetworkError, match="Nothing moves channel 1 of relu1 from grey"):
        outcome_of(MAXIMISATION.work(Filter(net, "relu1", 0), np.zeros((SIDE, SIDE, DEPTH))))


def test_top_patches():
    net, plain = network(), Plain(network())
    images = np.stack([sample(seed) for seed in range(300)]).astype(np.float32)
    dataset = plain_dataset(images, np.arange(300) % 4)
    patches = outcome_of(TOP_PATCHES.work(net, "relu1", dataset, Preparation(), np.arange(10, 300)))
    answers = []
    for image in images:
        plain.forward(image.astype(np.float64))
        answers.append(plain.relu.reshape(-1, FILTERS))
    answers = np.array(answers)
    for k in range(FILTERS):
        order = np.argsort(-answers[10:, :, k].max(axis=1), kind="stable")[:9] + 10
        assert patches.samples[k].tolist() == order.tolist()
        close(patches.values[k], answers[order, :, k].max(axis=1))
        for (row, column), sample_, box in zip(patches.places[k], order, patches.boxes[k], strict=True):
            assert row * SIDE + column == answers[sample_, :, k].argmax()
            expected = Box(max(row - 1, 0), max(column - 1, 0), min(row + 2, SIDE), min(column + 2, SIDE))
            assert box == expected


def test_top_patches_of_features_see_the_whole_sample():
    images = np.stack([sample(seed) for seed in range(5)]).astype(np.float32)
    dataset = plain_dataset(images, np.arange(5) % 4)
    patches = outcome_of(TOP_PATCHES.work(network(), "fc", dataset, Preparation(), np.arange(5)))
    assert patches.values.shape == (4, 5)
    assert set(sum(patches.boxes, ())) == {None}


@pytest.mark.parametrize("make", [residual, inception])
def test_passes_agree_with_the_engine(make):
    net = Network(make(), dtype="float64", seed=1)
    x = np.random.default_rng(0).random((2, *net.program.nodes[0].shape))
    done = Pass(net, x)
    outcome_of(done.forward())
    np.testing.assert_allclose(done.outputs[net.output_ids[0]], net.forward(x), atol=1e-10)
    dy = np.random.default_rng(1).normal(size=done.outputs[net.output_ids[0]].shape)
    gradients = outcome_of(done.backward(dy))
    np.testing.assert_allclose(gradients["input"], net.backward(dy).inputs["input"], atol=1e-10)


def test_explaining_changes_no_weights():
    net = network()
    before = {name: array.copy() for name, array in net.weights.items()}
    for reason in CLASS_REASONS:
        outcome_of(reason.work(subject(net)))
    assert all(np.array_equal(net.weights[name], array) for name, array in before.items())


@pytest.mark.parametrize("reason", CLASS_REASONS, ids=lambda reason: reason.name)
def test_work_says_how_far_it_is_and_can_be_given_up(reason):
    work = reason.work(subject())
    done = [next(work) for _ in range(2)]
    assert all(0 <= share <= 1 for share in done)
    work.close()
    shares = list(reason.work(subject()))
    assert shares == sorted(shares)
    assert shares[-1] >= 0.5


def test_every_reason_says_what_it_is():
    assert len({reason.name for reason in REASONS}) == len(REASONS) == 8
    for reason in REASONS:
        assert reason.title
        assert reason.formula
        assert any(letter.isdigit() for letter in reason.source)  # a year
        assert reason.scale
        assert reason.not_shown.endswith(".")


def test_features_are_explained_one_by_one():
    net = Network(chain((5,), ("Dense", {"units": 6}), "ReLU", ("Dense", {"units": 3}), "Softmax"), dtype="float64")
    x = np.random.default_rng(0).random(5)
    who = Subject(net, x, 1, np.zeros(5))
    for reason in (Saliency(), GuidedBackprop(), IntegratedGradients(), Occlusion()):
        assert outcome_of(reason.work(who)).values.shape == (5,)
    with pytest.raises(NetworkError, match="No convolution with maps larger than 1×1"):
        outcome_of(GradCAM().work(who))


def test_guided_backprop_needs_a_relu():
    net = Network(chain((5,), ("Dense", {"units": 6}), "Tanh", ("Dense", {"units": 3})))
    with pytest.raises(NetworkError, match="No ReLU lies before the scores"):
        outcome_of(GuidedBackprop().work(Subject(net, np.ones(5), 1, np.zeros(5))))


def test_a_network_without_scores_is_refused():
    net = Network(unet())
    with pytest.raises(NetworkError, match="no row of class scores"):
        Subject(net, np.zeros((8, 8, 2)), 0, np.zeros((8, 8, 2)))


def test_a_class_or_sample_that_is_not_there_is_refused():
    with pytest.raises(NetworkError, match="There is no class 4: fc gives 4 scores"):
        subject(label=4)
    with pytest.raises(NetworkError, match="input takes 6×6×2, not 5×6×2"):
        subject(x=np.zeros((5, 6, 2)))
    with pytest.raises(NetworkError, match="conv1 has 3 channels"):
        Filter(network(), "conv1", 3)
    with pytest.raises(NetworkError, match="Did you mean conv1"):
        Filter(network(), "conv", 0)


def test_several_inputs_are_refused():
    net = Network(
        document(
            layer("a", "Input", shape=(4,)),
            layer("b", "Input", shape=(4,)),
            layer("sum", "Add", ["a", "b"]),
            layer("fc", "Dense", "sum", units=2),
        )
    )
    with pytest.raises(NetworkError, match="2 Inputs and 1 output"):
        Subject(net, np.zeros(4), 0, np.zeros(4))


def test_grad_cam_looks_at_the_last_maps_after_their_activation():
    net = Network(load_template("resnet18"))
    x = np.random.default_rng(0).random((224, 224, 3)).astype(np.float32)
    heat = outcome_of(GradCAM().work(Subject(net, x, 3, np.zeros_like(x))))
    assert heat.values.shape == (7, 7)
