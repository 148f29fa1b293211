"""What training makes small: one class per loss, settings and mathematics together."""

from core.kinds import table_of
from core.learning.losses.binary_cross_entropy import BinaryCrossEntropy
from core.learning.losses.cross_entropy import CrossEntropy
from core.learning.losses.distances import MeanAbsoluteError, MeanSquaredError
from core.learning.losses.loss import Loss
from core.learning.losses.margins import Hinge, SquaredHinge

LOSSES: dict[str, type[Loss]] = table_of(
    CrossEntropy, Hinge, SquaredHinge, BinaryCrossEntropy, MeanSquaredError, MeanAbsoluteError
)
"""Every loss, by the name that documents use."""

__all__ = [
    "LOSSES",
    "BinaryCrossEntropy",
    "CrossEntropy",
    "Hinge",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "SquaredHinge",
]
