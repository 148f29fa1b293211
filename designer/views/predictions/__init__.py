"""What the network predicts: what it takes for what, its mistakes, and why."""

from designer.views.predictions.panels import EmbeddingView, PredictionsView, ResultView, TopPatchesView, WhyView

__all__ = ["EmbeddingView", "PredictionsView", "ResultView", "TopPatchesView", "WhyView"]
