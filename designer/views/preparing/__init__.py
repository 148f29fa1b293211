"""How samples are prepared, seen on one of them: preprocessing step by step, and draws of augmentation."""

from designer.views.preparing.augmentation_view import AugmentationView
from designer.views.preparing.preprocessing_view import PreprocessingView
from designer.views.preparing.spectrum_panel import SpectrumPanel

__all__ = ["AugmentationView", "PreprocessingView", "SpectrumPanel"]
