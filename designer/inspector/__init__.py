"""The right column: forms, facts and problems of what is selected."""

from designer.inspector.inspector import Inspector
from designer.inspector.training_panel import TrainingPanel

__all__ = ["Inspector", "TrainingPanel"]
