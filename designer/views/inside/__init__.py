"""The workspace Inside: a probe, every layer's maps for it, and where a number comes from."""

from designer.views.inside.arithmetic_panel import ArithmeticPanel
from designer.views.inside.inside import Inside
from designer.views.inside.layers_panel import LayersPanel
from designer.views.inside.probe_panel import ProbePanel

__all__ = ["ArithmeticPanel", "Inside", "LayersPanel", "ProbePanel"]
