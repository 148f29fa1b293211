"""The layer kinds: one module per family, one class per kind. Importing this package fills `KINDS`."""

# Kinds of one family stand in the palette in the order of these imports.
# isort: off
from core.layers import input, convolution, transposed, local, pooling, global_pooling
from core.layers import activation, rectifiers, smooth, maxout
from core.layers import normalisation, local_response, regularisation
from core.layers import dense, reshape, merge, arithmetic, margins, resampling

# isort: on
from core.layers.kind import KINDS, Context, Example, Family, Kind, ReceptiveField, Weight

__all__ = ["KINDS", "Context", "Example", "Family", "Kind", "ReceptiveField", "Weight"]
