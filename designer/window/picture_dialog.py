"""Asks how a picture of the drawing is to look, before it is saved."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDialogButtonBox, QFormLayout, QWidget

from core.analysis.report import Report
from core.text import brief_number, counted, number_text
from designer import theme
from designer.canvas.drawing.picture import Look


class PictureDialog(QDialog):
    """Offers colours, and a title and totals above the drawing.

    Parameters
    ----------
    title : str
        What the document is called.
    report : Report
    """

    def __init__(self, title: str, report: Report, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = title, totals_text(report)
        self.setWindowTitle("Save picture")
        self.colours = QComboBox()
        for name, made in (
            ("Light, as on paper", theme.LIGHT),
            ("Dark", theme.DARK),
            ("High contrast", theme.CONTRAST),
        ):
            self.colours.addItem(name, made)
        self.title = QCheckBox("The network's name")
        self.totals = QCheckBox("Layers, parameters and MACs")
        self.title.setEnabled(bool(title))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton("Save…", QDialogButtonBox.ButtonRole.AcceptRole).setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.addRow("Colours", self.colours)
        form.addRow("Above it", self.title)
        form.addRow("", self.totals)
        form.addRow(buttons)

    @property
    def look(self) -> Look:
        """What is chosen."""
        title, totals = self._texts
        return Look(
            self.colours.currentData(),
            title if self.title.isChecked() else "",
            totals if self.totals.isChecked() else "",
        )


def totals_text(report: Report) -> str:
    """Write how large a network is, as far as it is known: "11 layers · 61,706 parameters · 416.5 k MACs"."""
    totals = report.totals
    parts = [counted(totals.layers, "layer")]
    if totals.parameters is not None:
        parts.append(f"{number_text(totals.parameters)} parameters")
    if totals.macs is not None:
        parts.append(f"{brief_number(totals.macs)} MACs")
    return " · ".join(parts)
