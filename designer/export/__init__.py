"""What the network is for other programs: its code beside the canvas, and the dialog that writes it."""

from designer.export.code_panel import CodePanel

__all__ = ["CodePanel"]
