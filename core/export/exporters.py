"""The formats there are: add one here. The choices of `convograph export` and its help follow."""

from __future__ import annotations

from core.export.csv_table import CSV
from core.export.exporter import Exporter
from core.export.figures.dot import DOT
from core.export.figures.mermaid import MERMAID
from core.export.figures.svg import SVG
from core.export.figures.tikz import TIKZ
from core.export.keras.exporter import KERAS
from core.export.latex_table import LATEX
from core.export.markdown_table import MARKDOWN
from core.export.onnx.exporter import ONNX
from core.export.pytorch.exporter import PYTORCH
from core.export.safetensors_weights import SAFETENSORS

EXPORTERS: dict[str, Exporter] = {
    exporter.format: exporter
    for exporter in (PYTORCH, KERAS, ONNX, SAFETENSORS, TIKZ, SVG, MERMAID, DOT, MARKDOWN, CSV, LATEX)
}
"""By the name of the format."""
