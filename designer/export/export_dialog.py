"""The dialog that writes the network for other programs, and shows that what it writes computes the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.analysis.report import Report
from core.errors import ConvographError
from core.export.exporter import Exporter, Subject
from core.export.exporters import EXPORTERS
from core.export.exporting import write_files
from core.export.proof.proving import missing_text, proof_files
from core.io.prepared import Beside
from core.io.weights import Array
from core.text import counted
from designer import theme
from designer.export.code_view import CodeView
from designer.export.difference_plot import DifferencePlot
from designer.export.proof_run import ProofRun

if TYPE_CHECKING:
    from core.export.proof.proving import Outcome

SIZE = QSize(1120, 660)
LIST_PX, ITEM_PX = 210, 44
TEXT_ENDINGS = frozenset({".py", ".md", ".csv", ".tex", ".svg", ".mmd", ".dot", ".json"})
"""Of formats that are text, and can be read before they are written."""
_FORMAT = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """Weights that can be written along.

    Attributes
    ----------
    name : str
        What they are called: "weights of run 3".
    """

    name: str
    weights: Mapping[str, Array]
    beside: Beside


class _Chosen(NamedTuple):
    exporter: Exporter
    given: Given | None


class ExportDialog(QDialog):
    """Offers every format, shows what is written, compares it, and writes it.

    Parameters
    ----------
    report : Report
        What `check` says of the open document.
    given : sequence of Given
        Weights there are, the best choice first.
    folder : Path
        Where files are proposed to go.
    stem : str
        What they are proposed to be called.
    """

    def __init__(
        self, report: Report, given: tuple[Given, ...], folder: Path, stem: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._report, self._given, self._folder, self._stem = report, given, folder, stem
        self._outcomes: dict[_Chosen, Outcome] = {}
        self._comparing: _Chosen | None = None
        self.written: tuple[Path, ...] = ()
        self.setWindowTitle(f"Export {report.document.name or 'network'}")
        self.resize(SIZE)
        self.formats = QListWidget()
        self.formats.setFixedWidth(LIST_PX)
        self.formats.setAccessibleName("Formats")
        for exporter in EXPORTERS.values():
            item = QListWidgetItem()
            item.setData(_FORMAT, exporter.format)
            item.setSizeHint(QSize(0, ITEM_PX))
            item.setToolTip(exporter.writes)
            self.formats.addItem(item)
        self.about = _label("muted")
        self.code = CodeView("What is written")
        self.picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(self.picture)
        self.sentence = _label("muted")
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.preview = QStackedWidget()
        for page in (self.code, scroll, self.sentence):
            self.preview.addWidget(page)
        self.copy = QPushButton("Copy")
        self.copy.clicked.connect(self._copy)
        self.weights = QComboBox()
        self.weights.setAccessibleName("Weights")
        for each in given:
            self.weights.addItem(each.name)
        self.weights.addItem("no weights")
        self.compare = QPushButton("Compare")
        self.compare.setToolTip("Run what is written in a process of its own, and compare it with Convograph")
        self.compare.clicked.connect(self._compare)
        self.verdict = _label("muted")
        self.plot = DifferencePlot()
        self.export_button = QPushButton("Export…")
        self.export_button.setDefault(True)
        self.export_button.clicked.connect(self._export)
        cancel = QPushButton("Close")
        cancel.clicked.connect(self.reject)
        self.proof = ProofRun(self)
        self.proof.ended.connect(self._on_ended)
        self._lay_out(cancel)
        self.formats.currentItemChanged.connect(self._show)
        self.weights.currentIndexChanged.connect(self._show)
        theme.changed.connect(self._show)
        self.formats.setCurrentRow(0)

    def _lay_out(self, cancel: QPushButton) -> None:
        head = QHBoxLayout()
        head.addWidget(self.about, 1)
        head.addWidget(QLabel("with"))
        head.addWidget(self.weights)
        head.addWidget(self.copy)
        proof = QVBoxLayout()
        title = QLabel("Proof")
        title.setFont(theme.font(13, 600))
        proof.addWidget(title)
        proof.addWidget(self.verdict, 1)
        row = QHBoxLayout()
        row.addWidget(self.compare)
        row.addStretch()
        proof.addLayout(row)
        below = QHBoxLayout()
        below.addLayout(proof, 4)
        below.addWidget(self.plot, 5)
        line = QFrame(frameShape=QFrame.Shape.HLine)
        theme.mark(line, "role", "line")
        right = QVBoxLayout()
        right.addLayout(head)
        right.addWidget(self.preview, 1)
        right.addWidget(line)
        right.addLayout(below)
        middle = QHBoxLayout()
        middle.addWidget(self.formats)
        middle.addLayout(right, 1)
        foot = QHBoxLayout()
        foot.addWidget(
            _label("muted", "Files stand beside each other, with names that begin alike. Nothing is pickled."), 1
        )
        foot.addWidget(cancel)
        foot.addWidget(self.export_button)
        layout = QVBoxLayout(self)
        layout.addLayout(middle, 1)
        layout.addLayout(foot)

    # --- What is chosen ----------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> _Chosen:
        """The format and the weights."""
        item, place = self.formats.currentItem(), self.weights.currentIndex()
        return _Chosen(EXPORTERS[item.data(_FORMAT)], self._given[place] if place < len(self._given) else None)

    def _subject(self, name: str) -> Subject:
        given = self.chosen.given
        return (
            Subject(self._report, name=name)
            if given is None
            else Subject(self._report, given.weights, given.beside, name)
        )

    @Slot()
    def _show(self) -> None:
        exporter = self.chosen.exporter
        self.about.setText(f"{exporter.format}: {exporter.writes}")
        self.export_button.setText(f"Export {exporter.format}…")
        self.export_button.setEnabled(True)
        self.copy.setEnabled(False)
        if exporter.ending not in TEXT_ENDINGS:
            self._say(f"{exporter.ending} files are for programs, not to be read: {exporter.writes}.")
        else:
            try:
                content = exporter.export(self._subject(f"{self._stem}{exporter.ending}"))
            except ConvographError as error:
                self._say(str(error))
                self.export_button.setEnabled(False)
            else:
                self._show_content(content if isinstance(content, str) else content.decode(errors="replace"))
        self._show_outcome()

    def _say(self, text: str) -> None:
        self.sentence.setText(text)
        self.preview.setCurrentWidget(self.sentence)

    def _show_content(self, text: str) -> None:
        self.code.show_text(text, is_python=self.chosen.exporter.ending == ".py")
        self.copy.setEnabled(True)
        if self.chosen.exporter.ending == ".svg":
            self.picture.setPixmap(_rendered(text, self.devicePixelRatioF()))
            self.preview.setCurrentIndex(1)
        else:
            self.preview.setCurrentWidget(self.code)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.code.toPlainText())

    # --- The proof ---------------------------------------------------------------------------------------------------

    def _name_formats(self) -> None:
        """Say below each format's name what its files are called, and what came of its proof."""
        given = self.chosen.given
        for row in range(self.formats.count()):
            item = self.formats.item(row)
            exporter = EXPORTERS[item.data(_FORMAT)]
            outcome = self._outcomes.get(_Chosen(exporter, given))
            item.setText(f"{exporter.format}\n{exporter.ending}{'' if outcome is None else f' · {_short(outcome)}'}")

    def _show_outcome(self) -> None:
        self._name_formats()
        exporter, outcome = self.chosen.exporter, self._outcomes.get(self.chosen)
        self.compare.setEnabled(exporter.proof is not None and self._report.valid and not self.proof.is_running)
        self.compare.setText("Compare again" if outcome is not None else "Compare")
        if exporter.proof is None:
            self.verdict.setText("Nothing in it computes, so there is nothing to compare.")
        elif not self._report.valid:
            self.verdict.setText("Solve the problems of the network first: until then it computes nothing.")
        elif self.proof.is_running:
            self.verdict.setText("Comparing…")
        elif outcome is None:
            self.verdict.setText("Runs what is written in a process of its own, and compares it layer by layer.")
        else:
            self.verdict.setText(_verdict(exporter, outcome))
        self.plot.setVisible(exporter.proof is not None)
        if outcome is None:
            self.plot.show_layers({}, 0.0)
        else:
            self.plot.show_layers(outcome.layers, outcome.tolerance)

    @Slot()
    def _compare(self) -> None:
        exporter = self.chosen.exporter
        self._comparing = self.chosen
        self.proof.start(exporter, self._subject(f"{self._stem}{exporter.ending}"))
        self._show_outcome()

    @Slot(str, object, str)
    def _on_ended(self, format: str, outcome: Outcome | None, why: str) -> None:
        if outcome is not None and self._comparing is not None:
            self._outcomes[self._comparing] = outcome
        self._show_outcome()
        if outcome is None:
            self.verdict.setText(why)

    # --- Writing -----------------------------------------------------------------------------------------------------

    @Slot()
    def _export(self) -> None:
        exporter, outcome = self.chosen.exporter, self._outcomes.get(self.chosen)
        if outcome is not None and outcome.passed is False and not self._accepts(outcome):
            return
        proposed = str(self._folder / f"{self._stem}{exporter.ending}")
        name, _ = QFileDialog.getSaveFileName(self, "Export", proposed, f"{exporter.format} (*{exporter.ending})")
        if not name:
            return
        target = Path(name) if Path(name).suffix else Path(f"{name}{exporter.ending}")
        subject = self._subject(target.name)
        try:
            files = exporter.files(subject)
            if exporter.proof is not None and subject.weights is not None:
                files |= proof_files(exporter, subject)
            self.written = write_files(target, files)
        except ConvographError as error:
            QMessageBox.warning(self, "Export", str(error))
            return
        self.accept()

    def _accepts(self, outcome: Outcome) -> bool:
        """Ask whether what differs is to be written all the same."""
        most = "no numbers" if outcome.largest_difference is None else f"up to {outcome.largest_difference:.1e}"
        box = QMessageBox(
            QMessageBox.Icon.Warning,
            "Export",
            f"What is written differs from Convograph from {outcome.first_beyond} on ({most}). Write it all the same?",
            parent=self,
        )
        accept = box.addButton(f"Accept {most}", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        return box.clickedButton() is accept

    def done(self, result: int) -> None:
        """Close it; no process is left behind."""
        self.proof.stop()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.proof.stop()
        super().closeEvent(event)


def _label(role: str, text: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    theme.mark(label, "role", role)
    return label


def _short(outcome: Outcome) -> str:
    if outcome.passed is None:
        return "not compared"
    return f"same, {outcome.largest_difference:.0e}" if outcome.passed else "differs"


def _verdict(exporter: Exporter, outcome: Outcome) -> str:
    if outcome.passed is None:
        return f"{missing_text(exporter)}. The script that compares is written along with weights."
    against = f"{outcome.compared_with}, {counted(outcome.samples, 'sample')}"
    if outcome.largest_difference is None:
        return f"It differs: no numbers came out, from {outcome.first_beyond} on ({against})."
    most = f"{outcome.largest_difference:.1e}"
    if outcome.passed:
        return f"It computes the same: the largest difference is {most}, at most {outcome.tolerance:g} ({against})."
    return f"It differs by more than {outcome.tolerance:g} from {outcome.first_beyond} on: by up to {most} ({against})."


def _rendered(svg: str, ratio: float) -> QPixmap:
    """Paint a picture as it looks on paper."""
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    size = renderer.defaultSize()
    scale = min(1.0, 4096 / max(1, size.width(), size.height()))
    image = QImage(size * scale * ratio, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    renderer.render(painter, QRectF(image.rect()))
    painter.end()
    pixmap = QPixmap.fromImage(image)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
