"""What a plan says of itself is what it does."""

import json

import numpy as np
import pytest

from core.engine.network import INFERENCE, Network
from core.engine.plan_summary import plan_summary, plan_summary_text
from core.engine.plans.memory_plan import STEP
from core.engine.plans.pool import divide
from tests.core.engine.graphs import lenet, residual, two_ends
from tests.drawing import chain

CONV = ("Conv2D", {"filters": 12, "kernel_size": 3, "padding": 1})


def test_every_layer_but_the_inputs_is_in_one_step():
    found = plan_summary(Network(residual()), 8)
    ids = [id for step in found.steps for id in step.layers]
    net = Network(residual())
    assert sorted(ids) == sorted(node.id for node in net.program.nodes if node.sources)


def test_a_network_that_can_be_trained_may_be_asked_for_its_inference():
    found = plan_summary(Network(lenet()), 4, measure=True, purpose=INFERENCE)
    assert found.purpose == "inference"
    assert all(step.forward_ms > 0 and step.backward_ms is None for step in found.steps)


def test_it_says_what_is_tuned_and_why():
    found = plan_summary(
        Network(
            chain((8, 8, 1), CONV, "ReLU", "MaxPool2D", CONV, "GELU", "L2Pool2D", "Flatten", ("Dense", {"units": 2}))
        ),
        4,
    )
    assert [step.kinds for step in found.steps][:2] == [("Conv2D", "ReLU", "MaxPool2D"), ("Conv2D",)]
    first, second, gelu, *_ = found.steps
    assert "scattering" in first.kernel
    assert "scattering across" in second.kernel
    assert gelu.why == "no kernel for GELU"
    sideways = plan_summary(
        Network(chain((8, 8, 1), ("MaxPool2D", {"pool_size": (2, 300), "padding": (0, 150), "rounding": "floor"}))), 4
    )
    assert sideways.steps[0].why == "these settings of MaxPool2D suit no kernel"
    assert sideways.purpose == "inference"  # its output is no row of scores


@pytest.mark.parametrize("n_replicas", [1, 2])
def test_the_memory_is_what_the_plans_take(n_replicas):
    net = Network(lenet(), n_replicas=n_replicas)
    found = plan_summary(net, 32)
    plans = [net.plan_for(part, STEP) for part in divide(32, n_replicas)]
    assert found.replicas == n_replicas
    assert found.plan_bytes == plans[0].memory_plan.n_bytes
    assert found.total_bytes == net.weight_bytes + sum(plan.memory_plan.n_bytes for plan in plans)
    assert net.weight_bytes == sum(a.nbytes for a in (net.parameters, net._store.shares, net._store.fixed))


def test_measuring_times_every_step_and_leaves_the_weights():
    net = Network(lenet())
    before = net.parameters.copy()
    found = plan_summary(net, 8, measure=True)
    assert all(step.forward_ms > 0 and step.backward_ms > 0 for step in found.steps)
    assert np.array_equal(net.parameters, before)
    ends = plan_summary(Network(two_ends()), 8, measure=True)
    assert ends.purpose == "inference"
    assert all(step.forward_ms > 0 and step.backward_ms is None for step in ends.steps)


def test_the_text_and_the_json_tell_the_same():
    found = plan_summary(Network(lenet(), n_replicas=2), 64, measure=True)
    text = plan_summary_text(found)
    for step in found.steps:
        assert " + ".join(step.layers) in text
        assert step.kernel in text
    assert "divided among 2 replicas" in text
    assert "needs about" in text
    assert json.loads(json.dumps(found.as_json()))["steps"][0]["layers"] == list(found.steps[0].layers)
    assert "forward" not in plan_summary_text(plan_summary(Network(lenet()), 64)).splitlines()[2]
