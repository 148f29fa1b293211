"""A network run layer by layer through the definitions alone, for comparison with the engine."""

from collections import defaultdict

import numpy as np

from core.layers import Context


def run_slowly(net, xs, dys, training=False, seed_state=None):
    """Compute all outputs of a network's layers, and all gradients.

    Parameters
    ----------
    net : Network
        Its program and weights are used, its engine is not.
    xs, dys : dict of str to array
        Samples of the inputs, and gradients of the outputs.

    Returns
    -------
    values, dinputs, dweights : dict of str to array
    """
    values, contexts, dweights = dict(xs), {}, {}
    rng = np.random.default_rng()
    rng.bit_generator.state = seed_state or net.rng.bit_generator.state
    nodes = [node for node in net.program.nodes if node.sources]
    ids = [node.id for node in net.program.nodes]

    def weights_of(node):
        return {name: net.weights[f"{node.id}/{name}"] for name in node.weights}

    for node in nodes:
        contexts[node.id] = Context(training=training, rng=rng)
        sources = tuple(values[ids[source]] for source in node.sources)
        values[node.id] = node.kind.forward(sources, weights_of(node), contexts[node.id])
    totals = defaultdict(float, dys)
    for node in reversed(nodes):
        if node.id in totals:
            dxs, gradients = node.kind.backward(totals[node.id], weights_of(node), contexts[node.id])
            for source, dx in zip(node.sources, dxs, strict=True):
                totals[ids[source]] = totals[ids[source]] + dx
            dweights |= {f"{node.id}/{name}": gradient for name, gradient in gradients.items()}
    return values, {id: totals[id] for id in xs}, dweights


def assert_as_slow(net, xs, rng, training=False, tolerance=1e-10):
    """Assert that the engine's outputs and gradients are those of the definitions."""
    state = net.rng.bit_generator.state
    x = xs if len(xs) > 1 else next(iter(xs.values()))
    found = net.forward(x, training=training)
    outputs = found if isinstance(found, dict) else {net.output_ids[0]: found}
    dys = {id: rng.standard_normal(y.shape).astype(y.dtype) for id, y in outputs.items()}
    given = net.backward(dys if len(dys) > 1 else next(iter(dys.values())))
    values, dinputs, dweights = run_slowly(net, xs, dys, training, state)
    for id, y in outputs.items():
        assert_close(y, values[id], tolerance, id)
    for id, dx in given.inputs.items():
        assert_close(dx, dinputs[id], tolerance, f"gradient of {id}")
    for name, gradient in given.weights.items():
        assert_close(gradient, dweights[name], tolerance, f"gradient of {name}")


def assert_close(found, expected, tolerance, name):
    assert found.shape == np.shape(expected), name
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    error = float(np.abs(found - expected).max(initial=0)) / scale
    assert error <= tolerance, f"{name} differs by {error:.2g} of its largest value"
