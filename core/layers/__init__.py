"""The layer kinds: one module per family, one class per kind. Importing this package fills `KINDS`."""

from core.layers import activation, convolution, dense, input, merge, pooling, regularisation  # noqa: F401
from core.layers.kind import KINDS, Context, Example, Family, Kind, ReceptiveField, Weight

__all__ = ["KINDS", "Context", "Example", "Family", "Kind", "ReceptiveField", "Weight"]
