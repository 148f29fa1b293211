"""Gradients checked by random projection: the slope of the loss along a drawn direction, by central differences."""

STEP = 1e-6
TOLERANCE = 1e-6


def assert_gradient(loss, at, gradient, rng, name="x"):
    """Assert that a gradient is that of a loss.

    Parameters
    ----------
    loss : callable
        Gives a number for an array like `at`, in float64.
    at, gradient : array
    """
    assert gradient.shape == at.shape, f"the gradient of {name} is {gradient.shape}, not {at.shape}"
    if at.size == 0:
        return
    direction = rng.standard_normal(at.shape)
    measured = (loss(at + STEP * direction) - loss(at - STEP * direction)) / (2 * STEP)
    claimed = float((gradient * direction).sum())
    error = abs(measured - claimed) / max(1.0, abs(measured), abs(claimed))
    assert error < TOLERANCE, f"along a drawn direction of {name} the slope is {measured:.9g}, not {claimed:.9g}"
