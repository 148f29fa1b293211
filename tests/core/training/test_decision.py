"""Where a network decides for which class, over a plane."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from core.engine.network import Network
from core.errors import NetworkError
from core.training import decision
from core.training.decision import decision_grid, why_not_decided
from core.training.snapshots import GRID_POINTS, Interest, take_snapshot
from core.training.trainer import Trainer
from tests.core.training.making import chain, document

BOUNDS = (-3.0, 1.0, -2.0, 2.0)


def classifier(*layers, units=3, **training):
    return chain(
        ("input", "Input", {"shape": [2]}),
        *layers,
        ("fc", "Dense", {"units": units}),
        ("soft", "Softmax", {}),
        **training,
    )


def network(document, weights):
    made = Network(document)
    made.weights.update(weights)
    return made


def test_points_lie_on_the_sides_and_go_from_the_bottom_left():
    identity = network(classifier(units=2), {"fc/kernel": np.eye(2), "fc/bias": np.zeros(2)})
    grid = decision_grid(identity, BOUNDS, 5)
    assert grid.shape == (5, 5, 2)
    scores = np.log(grid)
    difference = scores[..., 0] - scores[..., 1]  # x − y
    x, y = np.linspace(-3, 1, 5), np.linspace(-2, 2, 5)
    assert_allclose(difference, x[None] - y[:, None], atol=1e-5)


def test_probabilities_are_those_of_one_point_at_a_time():
    drawn = Network(classifier(("h", "Dense", {"units": 7}), ("norm", "BatchNorm", {}), ("tanh", "Tanh", {})))
    grid = decision_grid(drawn, BOUNDS, 9)
    for row, column in ((0, 0), (3, 7), (8, 8)):
        point = np.array([[np.linspace(-3, 1, 9)[column], np.linspace(-2, 2, 9)[row]]])
        assert_allclose(grid[row, column], drawn.forward(point)[0], rtol=1e-5)


def test_however_many_are_computed_at_once(monkeypatch):
    drawn = Network(classifier(("h", "Dense", {"units": 7}), ("drop", "Dropout", {})))
    whole = decision_grid(drawn, BOUNDS, 10)
    monkeypatch.setattr(decision, "MOST_AT_ONCE", 7)
    assert_allclose(decision_grid(drawn, BOUNDS, 10), whole, rtol=1e-5)


@pytest.mark.parametrize("ending", [(), (("pixel", "Reshape", {"shape": [1, 1, 3]}),)])
def test_scores_become_probabilities(ending):
    weights = {"fc/kernel": np.full((2, 3), 1e4), "fc/bias": np.array([0.0, 1.0, 2.0])}
    scores = chain(("input", "Input", {"shape": [2]}), ("fc", "Dense", {"units": 3}), *ending)
    grid = decision_grid(network(scores, weights), (0.0, 0.0, 0.0, 1e30), 2)
    assert_allclose(grid[0, 0], np.exp([0, 1, 2]) / np.exp([0, 1, 2]).sum(), rtol=1e-5)
    assert_allclose(grid.sum(axis=2), 1, rtol=1e-5)


def test_looking_changes_nothing():
    settings = {"epochs": 1, "dataset": "spiral", "optimizer": {"kind": "Adam"}}

    def trained(looks):
        trainer = Trainer(
            chain(
                ("input", "Input", {"shape": [2]}),
                ("h", "Dense", {"units": 9}),
                ("norm", "BatchNorm", {}),
                ("drop", "Dropout", {}),
                ("fc", "Dense", {"units": 3}),
                **settings,
            )
        )
        for _ in trainer.messages():
            if looks:
                decision_grid(trainer.network, BOUNDS, 8)
        return {name: array.tobytes() for name, array in trainer.network.weights.items()}

    assert trained(looks=True) == trained(looks=False)


@pytest.mark.parametrize(
    ("inputs", "outputs", "said"),
    [
        ({}, {}, "two inputs, the coordinates of a point, in one Input: this network has none."),
        ({"a": (2,), "b": (2,)}, {"o": (3,)}, "in one Input: this network has 2."),
        ({"a": None}, {"o": (3,)}, "the coordinates of a point: a takes nothing yet."),
        ({"a": (3,)}, {"o": (3,)}, "a takes 3 features."),
        ({"a": (2, 1, 1)}, {"o": (3,)}, "a takes 2×1×1."),
        ({"a": (2,)}, {}, "networks with one output: this network has none."),
        ({"a": (2,)}, {"o": (3,), "p": (3,)}, "networks with one output: this network has 2."),
        ({"a": (2,)}, {"o": (1,)}, "networks that give a number for each class: o gives 1."),
        ({"a": (2,)}, {"o": (4, 4, 3)}, "a number for each class: o gives 4×4×3."),
        ({"a": (2,)}, {"o": None}, "a number for each class: o gives ?."),
    ],
)
def test_networks_that_it_is_not_for(inputs, outputs, said):
    assert why_not_decided(inputs, outputs).endswith(said)


def test_another_network_is_refused():
    image = document([("input", "Input", [], {"shape": [4, 4, 1]}), ("f", "Flatten", ["input"], {})])
    with pytest.raises(NetworkError, match="two inputs, the coordinates of a point: input takes 4×4×1"):
        decision_grid(Network(image), BOUNDS, 3)
    assert take_snapshot(Network(image), Interest(plane=BOUNDS), None, 0).decision is None


def test_a_snapshot_holds_what_is_asked_for():
    drawn = Network(classifier())
    taken = take_snapshot(drawn, Interest(plane=BOUNDS), None, 4)
    assert (taken.step, taken.plane, taken.decision.shape) == (4, BOUNDS, (GRID_POINTS, GRID_POINTS, 3))
    assert not taken.decision.flags.writeable
    assert take_snapshot(drawn, Interest(), None, 4).decision is None


def test_interests_are_added():
    one, other = Interest(maps=frozenset("a")), Interest(kernels=frozenset("b"), plane=BOUNDS)
    assert one | other == Interest(frozenset("b"), frozenset("a"), BOUNDS)
    assert [bool(interest) for interest in (Interest(), one, Interest(plane=BOUNDS))] == [False, True, True]


def test_points_are_prepared_as_samples_are():
    trainer = Trainer(classifier(units=2, dataset="xor", epochs=1, preprocessing=[{"kind": "Standardize"}]))
    list(trainer.messages())
    grid = decision_grid(trainer.network, (1.0, 2.0, -4.0, 3.0), 2)
    point = np.array([[2.0, -4.0]], np.float32)
    (step,) = trainer.network.beside.steps
    assert_allclose(grid[0, 1], trainer.network.forward(step.apply(point.copy()))[0], rtol=1e-5)
    assert np.abs(step.apply(point.copy()) - point).max() > 0.1
