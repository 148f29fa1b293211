"""The table of layers as comma-separated values, for spreadsheets and scripts."""

from __future__ import annotations

import csv
import io

from core.analysis.report import LayerReport
from core.export.exporter import Exporter, Subject
from core.io.failures import shown
from core.shapes import Shape
from core.text import ratio_text

_HEAD = ("layer", "kind", "output", "parameters", "macs", "memory_bytes", "receptive_field")
_BEGINS_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # the wide ones do so in East Asian spreadsheets


def csv_table(subject: Subject) -> str:
    """Write the table of layers with plain numbers; what is not known is left empty.

    A name that a spreadsheet would compute, such as `=1+1`, gets an apostrophe before it.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEAD)
    writer.writerows(map(_row, subject.report.layers.values()))
    totals = subject.report.totals.as_json()
    writer.writerow(["total", "", "", *(totals[name] for name in ("parameters", "macs", "activation_bytes")), ""])
    return text.getvalue()


def _row(layer: LayerReport) -> list[str | int | None]:
    return [
        _word(layer.id),
        _word(layer.layer.kind),
        _shape(layer.shape),
        layer.parameters,
        layer.macs,
        layer.activation_bytes,
        _receptive_field(layer),
    ]


def _word(name: str) -> str:
    """Keep lines apart as they are, which quotes allow; other characters that can't be shown are replaced."""
    word = "\n".join(map(shown, name.split("\n")))
    return f"'{word}" if word.lstrip().startswith(_BEGINS_FORMULA) else word


def _shape(shape: Shape | None) -> str:
    return "" if shape is None else "x".join(map(str, shape))


def _receptive_field(layer: LayerReport) -> str:
    if layer.shape is None:
        return ""
    field = layer.receptive_field
    return "whole input" if field is None else "x".join(map(ratio_text, field.size))


CSV = Exporter(
    "csv", "CSV", "table", "the table of layers as comma-separated values, with plain numbers", ".csv", csv_table
)
