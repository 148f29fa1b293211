"""The dialog that writes the network for other programs, and shows that what it writes computes the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from core.analysis.report import Report
from core.errors import ConvographError
from core.export.exporter import Content
from core.export.exporters import EXPORTERS
from core.export.exporting import write_files
from core.export.proof.own_samples import own_samples
from core.export.proof.proving import Outcome, proof_files, samples_text
from core.export.proof.script import CHECK, SAMPLES
from core.shapes import count
from core.text import shape_text, table_lines
from designer import theme
from designer.export.choice import Choice, Compared, Given, with_ending
from designer.export.file_tabs import Entry, FileTabs, is_text
from designer.export.format_list import FormatList
from designer.export.options_form import NARROW, OptionsForm
from designer.export.proof_panel import ProofPanel
from designer.export.proof_run import ProofRun

SIZE, SPARE_PX = QSize(1240, 840), 48
OPTIONS_PX = 248


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
        self._compared: dict[Choice, Compared] = {}
        self._accepted: set[Choice] = set()
        self._comparing: Choice | None = None
        self._rows: list[Choice] = []
        self._can_write = False
        self.written: tuple[Path, ...] = ()
        self.setWindowTitle(f"Export {report.document.name or 'network'}")
        self.formats = FormatList()
        self.files = FileTabs()
        self.weights = QComboBox(sizeAdjustPolicy=NARROW, minimumContentsLength=6)
        self.weights.setAccessibleName("Weights")
        self.with_weights = QWidget()
        for each in given:
            self.weights.addItem(each.name)
        self.weights.addItem("no weights")
        self.options = OptionsForm()
        self.changes_title, self.changes = _heading("What is changed on the way"), QLabel(wordWrap=True)
        self.proof_panel = ProofPanel()
        self.export_button = QPushButton("Export…")
        self.export_button.setDefault(True)
        theme.mark(self.export_button, "primary", True)
        self.proof = ProofRun(self)
        self._lay_out()
        screen = (self if parent is None else parent).screen().availableSize()
        self.resize(SIZE.boundedTo(screen - QSize(SPARE_PX, SPARE_PX)))
        self._connect()
        self.formats.choose(next(iter(EXPORTERS)))

    def _connect(self) -> None:
        self.formats.chosen.connect(self._show)
        self.weights.currentIndexChanged.connect(self._show)
        self.options.changed.connect(self._show_files)
        self.proof_panel.compare_asked.connect(self._compare)
        self.proof_panel.accepted.connect(self._accept_difference)
        self.proof_panel.exact_asked.connect(self._use_exact)
        self.proof_panel.row_chosen.connect(self._choose_row)
        self.export_button.clicked.connect(self._export)
        self.proof.ended.connect(self._on_ended)
        theme.changed.connect(self._show)

    def _lay_out(self) -> None:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 4, 4, 4)
        column.addWidget(_heading("Options"))
        with_weights = QHBoxLayout(self.with_weights)
        with_weights.setContentsMargins(0, 0, 0, 0)
        with_label = QLabel("with")
        theme.mark(with_label, "role", "muted")
        with_weights.addWidget(with_label)
        with_weights.addWidget(self.weights, 1)
        column.addWidget(self.with_weights)
        column.addWidget(self.options)
        column.addSpacing(8)
        theme.mark(self.changes, "role", "muted")
        column.addWidget(self.changes_title)
        column.addWidget(self.changes)
        column.addStretch()
        scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(side)
        scroll.setFixedWidth(OPTIONS_PX)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        above = QWidget()
        row = QHBoxLayout(above)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.files, 1)
        row.addWidget(scroll)
        right = QSplitter(Qt.Orientation.Vertical)
        right.setChildrenCollapsible(False)
        right.addWidget(above)
        right.addWidget(self.proof_panel)
        right.setStretchFactor(0, 1)
        right.setSizes([520, 220])
        middle = QHBoxLayout()
        middle.addWidget(self.formats)
        middle.addWidget(right, 1)
        foot = QHBoxLayout()
        note = QLabel("Files are written beside each other, with names that begin alike. Nothing is pickled.")
        note.setWordWrap(True)
        theme.mark(note, "role", "muted")
        cancel = QPushButton("Close")
        cancel.clicked.connect(self.reject)
        foot.addWidget(note, 1)
        foot.addWidget(cancel)
        foot.addWidget(self.export_button)
        line = QFrame(frameShape=QFrame.Shape.HLine)
        layout = QVBoxLayout(self)
        layout.addLayout(middle, 1)
        layout.addWidget(line)
        layout.addLayout(foot)

    # --- What is chosen ----------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> Choice:
        """The format, the weights, and the options that are not as they are by default."""
        exporter, place = EXPORTERS[self.formats.format], self.weights.currentIndex()
        given, values = self._given[place] if place < len(self._given) else None, self.options.values(exporter)
        meant = [option.name for option in exporter.options if given is not None or not option.needs_weights]
        return Choice(exporter, given, tuple((name, values[name]) for name in meant if name in values))

    @property
    def _name(self) -> str:
        return f"{self._stem}{self.chosen.exporter.ending}"

    @Slot()
    def _show(self) -> None:
        chosen = self.chosen
        self.with_weights.setVisible(chosen.exporter.group == "network")  # figures and tables have none
        self.options.show_options(chosen.exporter, has_weights=chosen.given is not None)
        self.export_button.setText(f"Export {chosen.exporter.title}…")
        self._show_files()

    @Slot()
    def _show_files(self) -> None:
        """Show what is written, or why it can't be."""
        chosen, name, changes = self.chosen, self._name, list[str]()
        subject = chosen.subject(self._report, name)
        try:
            parts = {part: cache(later) for part, later in chosen.exporter.parts(subject).items()}
            changes = list(chosen.exporter.changes(subject))
            if is_text(name):
                parts[name]()
        except ConvographError as error:
            self._can_write = False
            self.files.show_files({name: str(error)})
        else:
            self._can_write = True
            self.files.show_files(self._tabs(chosen, parts))
        self.changes_title.setVisible(bool(changes))
        self.changes.setText("\n\n".join(changes))
        self._show_outcome()

    def _tabs(self, chosen: Choice, parts: Mapping[str, Callable[[], Content]]) -> dict[str, Entry]:
        """Return what is shown of each file; of those that can't be read, what they hold."""
        tabs: dict[str, Entry] = {
            name: later if is_text(name) else partial(self._held, name) for name, later in parts.items()
        }
        if chosen.exporter.proof is not None and chosen.given is not None:
            compared, check = self._compared.get(chosen), f"{self._stem}{CHECK}"
            tabs[check] = "The script that compares is written along. Press Compare, and it stands here."
            if compared is not None:
                tabs[check] = partial(str, compared.check)
            tabs[f"{self._stem}{SAMPLES}"] = "The samples that are compared, with what Convograph computes of them."
        return tabs

    def _held(self, name: str) -> str:
        shapes = self._report.weight_shapes
        lines = table_lines([(array, shape_text(shape), f"{count(shape):,}") for array, shape in shapes.items()], 2)
        said = f"{name} is for programs, not to be read. Weights, by their names and shapes here:"
        return "\n".join([said, "", *lines])

    # --- The proof ---------------------------------------------------------------------------------------------------

    def _show_outcome(self) -> None:
        chosen, panel = self.chosen, self.proof_panel
        compared, proof = self._compared.get(chosen), chosen.exporter.proof
        outcome = None if compared is None else compared.outcome
        fails = outcome is not None and outcome.passed is False
        may_write = self._can_write and (not fails or chosen in self._accepted)
        self.export_button.setEnabled(may_write)
        self.export_button.setToolTip("" if may_write or not fails else "It differs: accept that first")
        outcomes = {choice: each.outcome for choice, each in self._compared.items() if choice.given is chosen.given}
        self._rows = [*dict.fromkeys([*outcomes, *self._plain(chosen.given)])]
        self._rows.sort(key=lambda choice: [*EXPORTERS].index(choice.exporter.format))
        panel.show_rows(
            [(choice, outcomes.get(choice)) for choice in self._rows],
            self._rows.index(chosen) if chosen in self._rows else None,
        )
        self.formats.show_outcomes(
            {format: outcomes[choice] for format in EXPORTERS if (choice := self._as_chosen(format)) in outcomes}
        )
        panel.compare.setEnabled(
            proof is not None and self._can_write and self._report.valid and not self.proof.is_running
        )
        panel.compare.setText("Compare again" if outcome is not None else "Compare")
        panel.about.setText(_about(outcome))
        panel.show_outcome(chosen, outcome, accepted=chosen in self._accepted)
        panel.setVisible(proof is not None)
        if not self._report.valid:
            panel.say("Solve the problems of the network first: until then it computes nothing.")
        elif self.proof.is_running:
            panel.say("Comparing…")

    def _as_chosen(self, format: str) -> Choice:
        exporter, given = EXPORTERS[format], self.chosen.given
        return Choice(exporter, given, tuple(self.options.values(exporter).items()))

    @staticmethod
    def _plain(given: Given | None) -> list[Choice]:
        return [Choice(exporter, given) for exporter in EXPORTERS.values() if exporter.proof is not None]

    @Slot()
    def _compare(self) -> None:
        self._comparing = self.chosen
        self.proof.start(self.chosen.exporter, self.chosen.subject(self._report, self._name), self._folder)
        self._show_outcome()

    @Slot(str, object, str)
    def _on_ended(self, format: str, outcome: Outcome | None, why: str) -> None:
        if outcome is not None and self._comparing is not None:
            check = next((text for name, text in self.proof.files.items() if name.endswith(CHECK)), b"")
            self._compared[self._comparing] = Compared(outcome, check.decode())
        self._show_files()
        if outcome is None:
            self.proof_panel.say(why, "error")

    @Slot()
    def _accept_difference(self) -> None:
        self._accepted.add(self.chosen)
        self._show_outcome()

    @Slot()
    def _use_exact(self) -> None:
        for option in self.chosen.exporter.options:
            if option.name == "type":
                self.options.choose(option.name, option.default)

    @Slot(int)
    def _choose_row(self, row: int) -> None:
        choice = self._rows[row]
        self.formats.choose(choice.exporter.format)
        values = dict(choice.options)
        for option in choice.exporter.options:
            if choice.given is not None or not option.needs_weights:
                self.options.choose(option.name, values.get(option.name, option.default))

    # --- Writing -----------------------------------------------------------------------------------------------------

    @Slot()
    def _export(self) -> None:
        chosen, exporter = self.chosen, self.chosen.exporter
        proposed = str(self._folder / self._name)
        name, _ = QFileDialog.getSaveFileName(self, "Export", proposed, f"{exporter.title} (*{exporter.ending})")
        if not name:
            return
        target = with_ending(Path(name), exporter.ending)
        subject = chosen.subject(self._report, target.name)
        try:
            files = exporter.files(subject)
            if exporter.proof is not None and subject.weights is not None:
                files |= proof_files(exporter, replace(subject, samples=own_samples(self._report, self._folder)))
            self.written = write_files(target, files)
        except ConvographError as error:
            QMessageBox.warning(self, "Export", str(error))
            return
        self.accept()

    def done(self, result: int) -> None:
        """Close it; no process is left behind."""
        self.proof.stop()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.proof.stop()
        super().closeEvent(event)


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    theme.mark(label, "role", "heading")
    return label


def _about(outcome: Outcome | None) -> str:
    if outcome is None or outcome.passed is None:
        return "samples through Convograph and through what was written"
    return f"{samples_text(outcome)} through Convograph and through what was written"
