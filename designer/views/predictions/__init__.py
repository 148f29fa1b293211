"""What the network predicts: what it takes for what, its mistakes, and why."""

from designer.views.predictions.panels import EmbeddingView, PredictionsView, TopPatchesView

__all__ = ["EmbeddingView", "PredictionsView", "TopPatchesView"]
