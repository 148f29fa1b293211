"""Loss and accuracy of a run, side by side, while it learns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from core.training.messages import Adjusted, Batch, Epoch, Finding, Finished, Started
from designer import theme
from designer.pictures import Caption, KeepButton, Keeping, Key, Numbers
from designer.session import Change
from designer.views.curve_column import curve_column
from designer.views.curve_data import CurveData, Measure, figures_text, heading_text, validation_at
from designer.views.elided import ElidedLabel
from designer.views.empty import empty_page
from designer.views.notice import Notice
from designer.views.run_curves import RunCurves
from designer.views.switch import Switch

if TYPE_CHECKING:
    from designer.views.curve_plot import CurvePlot

DRAW_MS = 250
NARROW_PX = 480
"""Below this width one plot is shown at a time."""
MARGIN_PX = 8
NOTICE_SHARE = 3
"""What is said of a run takes no more than such a part of the height."""
MEASURES: Final[tuple[Measure, Measure]] = ("loss", "accuracy")


class CurvesView(QWidget):
    """Draws what a run reports, over what earlier ones reported.

    It takes `Started`, batches and `Epoch` as a run sends them, and draws four times a second while it is visible.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data: CurveData | None = None
        self._runs = RunCurves()
        self._is_on = self._is_of_run = False  # what the notice says is of a run
        self._plots: list[CurvePlot] = []
        self._headings: list[QLabel] = []
        self._figures: list[QLabel] = []
        self._columns: list[QWidget] = []
        self._front = 0
        self._moment: int | None = None
        self._pinned: int | None = None
        self._timer = QTimer(self, singleShot=True, interval=DRAW_MS)
        self._timer.timeout.connect(self._draw)
        self._other = QTimer(self, singleShot=True, interval=DRAW_MS // 2)
        self._other.timeout.connect(self._draw_other)
        self._empty = empty_page(
            "No training yet", "Press Train (F5): loss and accuracy are drawn here, batch by batch."
        )
        self._page = QWidget()
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._page)
        self._make_page()
        self.paint_theme()
        theme.changed.connect(self.paint_theme)

    @property
    def data(self) -> CurveData | None:
        """What is drawn in front; None before the first run."""
        return self._data

    @property
    def earlier(self) -> list[CurveData]:
        """What is drawn behind it."""
        return self._runs.behind(self._data)

    @Slot(str, object)
    def begin(self, name: str, started: Started) -> None:
        """Draw a run that has started; earlier ones stay behind it."""
        data = self._runs.begin(started, name)
        self._is_on = True
        self._notice.clear()
        self._pages.setCurrentWidget(self._page)
        self._show_in_front(data)

    @Slot(str, object, object, object)
    def add_read(self, name: str, started: Started, batches: list[Batch], epochs: tuple[Epoch, ...]) -> None:
        """Take in what a run reported, read from its folder; one that goes on elsewhere is read again and again."""
        data = self._runs.add_read(name, started, batches, epochs)
        if data is not None and (self._data is None or self._data.name == name):
            self._pages.setCurrentWidget(self._page)
            self._show_in_front(data)

    @Slot(str, str)
    def rename(self, before: str, name: str) -> None:
        """Call a run something else."""
        self._runs.rename(before, name)
        self._show_in_front(self._data)

    @Slot(str, bool)
    def set_shown(self, name: str, shown: bool) -> None:
        """Show the curve of an earlier run, or hide it."""
        self._runs.set_shown(name, shown)
        self._show_in_front(self._data)

    def show_run(self, name: str) -> None:
        """Draw an earlier run in front, where there is one of this name; what was said was about another."""
        run = self._runs.named(name)
        if run is not None and run is not self._data:
            self._notice.clear()
            self._show_in_front(run)

    def put_beside(self, widget: QWidget) -> None:
        """Add something to the row above the plots."""
        self._top.insertWidget(1, widget)
        self._beside_legend.append(widget)

    def _show_in_front(self, run: CurveData | None) -> None:
        self._data = run
        for plot in self._plots:
            plot.show_data(run, self.earlier)
        self._show_values(None)

    @Slot()
    def clear(self) -> None:
        """Forget all runs; the open document has not been trained."""
        self._runs = RunCurves()
        self._notice.clear()
        self._pages.setCurrentWidget(self._empty)
        self._show_in_front(None)

    @Slot(object)
    def follow(self, change: Change) -> None:
        """Forget all runs when another document is opened: they belong to the one that was left.

        Why a run could not start is said until the network or its training is changed; what is said of a run that was
        on stays beside its curve.
        """
        edited = change.graph_changed or change.before.training != change.after.training
        if change.label is None or (edited and self._data is None):
            self.clear()
        elif edited and not self._is_of_run:
            self._notice.clear()

    @Slot()
    def end(self) -> None:
        """Take note that the run has ended."""
        self._is_on = False

    @Slot(object)
    def add_batches(self, batches: list[Batch]) -> None:
        """Add the results of new batches."""
        if self._data is not None:
            self._data.add_batches(batches)
            self._draw_soon()

    @Slot(object)
    def mark(self, change: Adjusted | Finished) -> None:
        """Mark where settings were changed, or where a run ended before its epochs were done."""
        if self._data is not None:
            self._data.mark(change)
            self._draw_soon()

    @Slot(object)
    def add_epoch(self, epoch: Epoch) -> None:
        """Add what was measured at the end of an epoch."""
        if self._data is not None:
            self._data.add_epoch(epoch)
            self._draw_soon()

    @Slot(str, str)
    def show_failure(self, what: str, why: str) -> None:
        """Say that a run broke off, and what to do about it."""
        self._say(what, why, "error")

    @Slot(object)
    def show_finding(self, finding: Finding) -> None:
        """Say what was found in the run; the newest stays."""
        self._say(finding.what, finding.why, "card" if finding.severity == "note" else "warning")

    def _say(self, what: str, why: str, role: str) -> None:
        self._is_of_run = self._is_on
        self._notice.say(what, why, role=role, width=self.width() - 3 * MARGIN_PX, most=self.height() // NOTICE_SHARE)
        self._pages.setCurrentWidget(self._page)

    @Slot(bool)
    def set_log(self, log: bool) -> None:
        """Draw the loss on a logarithmic scale, or on a linear one."""
        self._log.setChecked(log)
        if self._plots:
            self._plots[0].set_log(log)

    @Slot()
    def paint_theme(self) -> None:
        """Draw in the colours of the theme."""
        look = theme.current()
        self._legend.setText(
            f'<span style="color:{look.accent}">— training</span> &nbsp; '
            f'<span style="color:{look.warning_text}">— validation</span>'
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._notice.fit(self.width() - 3 * MARGIN_PX, self.height() // NOTICE_SHARE)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._draw_soon()  # for what came while it was hidden

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._plots:  # the window is painted before pyqtgraph is loaded
            QTimer.singleShot(0, self, self._make_plots)

    def _make_page(self) -> None:
        self._legend = QLabel()
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._legend.setFont(theme.font(12, 600))
        self._legend.setToolTip("Training: batch by batch (thin) and smoothed (thick). Validation: once per epoch.")
        self._legend.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._switch = Switch([m.capitalize() for m in MEASURES], [f"Show the {m}" for m in MEASURES])
        self._switch.chosen.connect(self._bring_forward)
        self._log = QCheckBox("Log")
        self._log.setToolTip("Draw the loss on a logarithmic scale")
        self._log.toggled.connect(self.set_log)
        self._log.hide()  # until there is room for it
        self._plot_row = QWidget()
        self.keeping = Keeping(self._plot_row, "curves", self._numbers, self._offer_log, self._caption)
        self._export = KeepButton(self.keeping)
        self._export.setToolTip("Copy or save the picture or its numbers, or change the scale of the loss")
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._legend, 100)
        top.addStretch(1)
        top.addWidget(self._switch)
        top.addWidget(self._log)
        top.addWidget(self._export)
        self._top, self._beside_legend = top, [self._switch, self._log, self._export]
        self._notice = Notice()
        self._plot_layout = QHBoxLayout(self._plot_row)
        self._plot_layout.setContentsMargins(0, 0, 0, 0)
        self._plot_layout.setSpacing(16)
        layout = QVBoxLayout(self._page)
        layout.setContentsMargins(2 * MARGIN_PX, MARGIN_PX, MARGIN_PX, MARGIN_PX // 2)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self._plot_row, 1)
        layout.addWidget(self._notice)

    @Slot()
    def _make_plots(self) -> None:
        if self._plots:
            return
        from designer.views.curve_plot import CurvePlot

        for measure in MEASURES:
            plot = CurvePlot(measure)
            plot.hovered.connect(self._show_values)
            plot.show_data(self._data, self.earlier)
            heading, figure = ElidedLabel(f"{measure} by batch"), QLabel()
            theme.mark(heading, "role", "muted")
            theme.mark(figure, "role", "warning")
            figure.setFont(theme.font(12, 600))
            column = curve_column(heading, figure, plot)
            self._plot_layout.addWidget(column, 1)
            self._plots.append(plot)
            self._headings.append(heading)
            self._figures.append(figure)
            self._columns.append(column)
        self._arrange()
        self._plots[0].set_log(self._log.isChecked())

    def _draw_soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _draw(self) -> None:
        if not self.isVisible():
            return
        self._make_room_for_legend()
        self._show_figures()
        for plot in self._plots[:1]:  # there are none before it has been painted
            plot.refresh()
        self._other.start()  # both at once would hold the window for as long again

    @Slot()
    def _draw_other(self) -> None:
        for plot in self._plots[1:]:
            plot.refresh()

    def figures_at(self, step: int) -> str:
        """Say what the loss was, and the accuracy at validation; nothing where that is not known."""
        return "" if self._data is None else figures_text(self._data, step)

    @Slot(object)
    def look_at(self, step: int | None) -> None:
        """Show the values of a moment of the run while the mouse is elsewhere; None: of none."""
        self._moment = step
        self._show_values(None)

    @Slot(object)
    def pin(self, step: int | None) -> None:
        """Show the values of a second moment beside those of the first; None: of none."""
        self._pinned = step
        self._show_values(None)

    @Slot(object)
    def _show_values(self, hovered: int | None) -> None:
        step = self._moment if hovered is None else hovered
        for plot, heading in zip(self._plots, self._headings, strict=True):
            plot.show_cursor(step)
            plot.pin(self._pinned)
            pinned = self._pinned if hovered is None else None
            heading.setText(heading_text(self._data, plot.measure, step, pinned))
        self._show_figures(step)

    def _show_figures(self, step: int | None = None) -> None:
        """Write the newest validation values, or those at a step; they have room whatever else there is."""
        for plot, figure in zip(self._plots, self._figures, strict=True):
            value = validation_at(self._data, plot.measure, step)
            figure.setText("" if value is None else f"validation {value:.3g}".replace("e-", "e−"))

    @Slot(int)
    def _bring_forward(self, place: int) -> None:
        self._front = place
        self._arrange()

    def _arrange(self) -> None:
        """Show both plots side by side, or one of them in a narrow panel."""
        narrow = self.width() < NARROW_PX
        self._switch.setVisible(narrow)
        self._log.setVisible(not narrow)  # it is in the menu too
        for place, column in enumerate(self._columns):
            column.setVisible(not narrow or place == self._front)
        self._make_room_for_legend()

    def _make_room_for_legend(self) -> None:
        """Show the legend whole or not at all: what is written above the plots has the curves' colours too."""
        room = self.width() - 3 * MARGIN_PX
        for widget in self._beside_legend:
            if not widget.isHidden():
                room -= widget.sizeHint().width() + self._top.spacing()
        self._legend.setVisible(room >= self._legend.sizeHint().width())

    def _caption(self) -> Caption:
        look, runs = theme.current(), [] if self._data is None else [self._data, *self.earlier]
        shown = [plot.measure for plot in self._plots if plot.isVisible()]
        keys = (Key("training", look.accent), Key("validation", look.warning_text))
        behind = f", over {', '.join(run.name for run in runs[1:])}" if runs[1:] else ""
        return Caption(" and ".join(shown).capitalize(), "".join((*(run.name for run in runs[:1]), behind)), keys=keys)

    def _numbers(self) -> Numbers | None:
        return None if self._data is None or not len(self._data.loss) else self._data.numbers()

    def _offer_log(self, menu: QMenu) -> None:
        action = menu.addAction("Logarithmic loss")
        action.setCheckable(True)
        action.setChecked(self._log.isChecked())
        action.toggled.connect(self.set_log)
