"""Views of a training's statistics, layer by layer."""

from designer.views.statistics.gradient_norm import GradientNormView
from designer.views.statistics.histograms import HistogramsView
from designer.views.statistics.update_ratio import UpdateRatioView

__all__ = ["GradientNormView", "HistogramsView", "UpdateRatioView"]
