"""How every kind shows the working of a value: its numbers add up to what `forward` and `backward` compute."""

import math

import numpy as np
import pytest

from core.layers import KINDS, Kind
from core.layers.sight import as_image
from core.layers.workings import MOST_TERMS, as_place
from tests.contract.cases import LAYER_CASES, context, draw_inputs, draw_weights

OPERATIONS = {
    "sum": math.fsum,
    "product": math.prod,
    "quotient": lambda terms: terms[0] / terms[1],
    "largest": max,
    "root of sum": lambda terms: math.sqrt(math.fsum(terms)),
    "power": lambda terms: terms[0] ** terms[1],
    "exp of sum": lambda terms: math.exp(math.fsum(terms)),
    "copy": lambda terms: terms[0],
}
"""What each operation of a step means; what a function is, only the kind knows."""


def test_every_shipped_kind_declares_its_own_workings():
    shipped = [kind for kind in KINDS.values() if kind.__module__.startswith("core.")]
    assert [kind.__name__ for kind in shipped if kind.workings is Kind.workings] == []


@pytest.fixture
def rng():
    return np.random.default_rng(17)


def drawn(kind, example, rng):
    """Draw one sample, weights, and what comes out; ties and exact zeros among the values."""
    xs = draw_inputs(example, rng, batch=1)
    for x in xs:
        x[rng.random(x.shape) < 0.2] = 0
        x[...] = np.round(x, 1)
    weights = draw_weights(kind, example, rng)
    ctx = context(training=False)
    return xs, weights, kind.forward(xs, weights, ctx), ctx


def some_cells(shape, rng):
    """The corners, and some between."""
    corners = {tuple(0 for _ in shape), tuple(n - 1 for n in shape)}
    return sorted(corners | {tuple(int(rng.integers(n)) for n in shape) for _ in range(5)})


def worked(kind, xs, weights, cell):
    return kind.workings(tuple(x[0] for x in xs), weights, cell)


@pytest.mark.parametrize(("kind", "example"), LAYER_CASES)
def test_the_steps_lead_to_the_value(kind, example, rng):
    xs, weights, y, _ = drawn(kind, example, rng)
    for cell in some_cells(example.output, rng):
        workings = worked(kind, xs, weights, cell)
        np.testing.assert_allclose(workings.result, y[0, *cell], rtol=1e-9, atol=1e-12)
        results = {}
        for step in workings.steps:
            values = [term.value for term in step.terms]
            assert len(values) <= MOST_TERMS + 2
            if step.operation in OPERATIONS:
                np.testing.assert_allclose(step.result, OPERATIONS[step.operation](values), rtol=1e-9, atol=1e-12)
            for term in step.terms:
                if term.factors:
                    np.testing.assert_allclose(term.value, math.prod(term.factors), rtol=1e-12, atol=1e-15)
                if term.patch is not None and term.name == workings.patches[term.patch].name:
                    assert workings.patches[term.patch].values.size > 0
                assert term.value == results.get(term.name, term.value)
                if term.source is not None and not term.factors and step.operation in {"copy", "product", "largest"}:
                    port, source = term.source
                    assert term.value == xs[port][0, *source]
            results[step.name] = step.result


@pytest.mark.parametrize(("kind", "example"), LAYER_CASES)
def test_patches_hold_the_values_that_were_read(kind, example, rng):
    xs, weights, _, _ = drawn(kind, example, rng)
    for cell in some_cells(example.output, rng):
        for patch in worked(kind, xs, weights, cell).patches:
            read = patch.cells[patch.inside].tolist()
            assert len(set(map(tuple, read))) == len(read)
            for place in np.ndindex(patch.values.shape):
                source = patch.cell(place)
                if patch.inside[place]:
                    assert patch.values[place] == xs[patch.port][0, *source]
                    if patch.weight:
                        assert patch.factors[place] == weights[patch.weight][tuple(patch.weight_cells[place])]
                else:
                    assert patch.values[place] == 0
                    assert not all(0 <= i < n for i, n in zip(source, example.inputs[patch.port], strict=True))


@pytest.mark.parametrize(("kind", "example"), LAYER_CASES)
def test_the_slopes_are_those_of_the_gradient(kind, example, rng):
    xs, weights, y, ctx = drawn(kind, example, rng)
    for cell in some_cells(example.output, rng):
        workings = worked(kind, xs, weights, cell)
        dy = np.zeros_like(y)
        dy[0, *cell] = 1
        dxs, gradients = kind.backward(dy, weights, ctx)
        shown = [np.zeros(shape) for shape in example.inputs]
        learned = {name: np.zeros_like(gradient) for name, gradient in gradients.items()}
        for patch in workings.patches:
            np.add.at(shown[patch.port], tuple(patch.cells[patch.inside].T), patch.slopes[patch.inside])
            if patch.weight:
                places = patch.weight_cells.reshape(-1, patch.weight_cells.shape[-1])
                np.add.at(learned[patch.weight], tuple(places.T), patch.values.reshape(-1))
        for part in workings.learned:
            np.add.at(learned[part.weight], tuple(part.cells.T), part.slopes)
        for dx, found in zip(dxs, shown, strict=True):
            np.testing.assert_allclose(found, dx[0], rtol=1e-9, atol=1e-12)
        for name, gradient in gradients.items():
            np.testing.assert_allclose(learned[name], gradient, rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize(("kind", "example"), LAYER_CASES)
def test_what_is_seen_is_what_is_read(kind, example, rng):
    _, weights, y, ctx = drawn(kind, example, rng)
    sights = kind.sights(example.inputs)
    assert len(sights) == len(example.inputs)
    for cell in some_cells(example.output, rng):
        dy = np.zeros_like(y)
        dy[0, *cell] = 1
        dxs, _ = kind.backward(dy, weights, ctx)
        seen = np.zeros(as_image(example.output), bool)
        seen[as_place(cell)] = True
        for port, (sight, dx) in enumerate(zip(sights, dxs, strict=True)):
            shape = as_image(example.inputs[port])
            back = np.broadcast_to(sight.back(seen), shape)
            assert not (dx[0].reshape(shape) != 0)[~back].any()
            read = np.zeros(shape, bool)
            rows, columns, channels = sight.read_by(as_place(cell))
            for place in [(r, c, k) for r in rows for c in columns for k in channels]:
                if all(0 <= i < n for i, n in zip(place, shape, strict=True)):
                    read[place] = True
            np.testing.assert_array_equal(back, read)
            padding = [
                (len(range(min(places, default=0), 0)), len(range(n, max(places, default=0) + 1)))
                for places, n in zip((rows, columns), shape, strict=False)
            ]
            assert sight.beyond(seen) == (*padding[0], *padding[1])


@pytest.mark.parametrize(("kind", "example"), LAYER_CASES)
def test_forwards_is_backwards_turned_round(kind, example, rng):
    out = as_image(example.output)
    for sight, shape in zip(kind.sights(example.inputs), map(as_image, example.inputs), strict=True):
        for _ in range(4):
            ours, theirs = np.zeros(shape, bool), np.zeros(out, bool)
            ours[tuple(int(rng.integers(n)) for n in shape)] = True
            theirs[tuple(int(rng.integers(n)) for n in out)] = True
            fed = np.broadcast_to(sight.forth(ours), out)
            seen = np.broadcast_to(sight.back(theirs), shape)
            assert (fed & theirs).any() == (seen & ours).any()
            constant = ours.any((1, 2), keepdims=True)
            np.testing.assert_array_equal(
                np.broadcast_to(sight.forth(constant), out),
                np.broadcast_to(sight.forth(np.broadcast_to(constant, shape)), out),
            )
            constant = theirs.any((0, 2), keepdims=True)
            np.testing.assert_array_equal(
                np.broadcast_to(sight.back(constant), shape),
                np.broadcast_to(sight.back(np.broadcast_to(constant, out)), shape),
            )
