"""Where the chosen value comes from, number by number; and what becomes of its gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from designer import theme
from designer.pictures import KeepButton, Keeping, Numbers
from designer.session.looking import Cell
from designer.theme.colormaps import ACTIVATIONS, Table, symmetric_limit, weights
from designer.views.activations import limits_of
from designer.views.elided import ElidedLabel
from designer.views.empty import empty_page, say_instead
from designer.views.inside.account import Account, cell_at, largest_fed
from designer.views.inside.cell_grid import CellGrid, as_matrix
from designer.views.inside.channel_list import ChannelList
from designer.views.inside.inside import Inside
from designer.views.inside.lines import Links, backwards_html, short_name, workings_html
from designer.views.inside.seen_picture import SeenPicture
from designer.views.inside.steps import Step, steps_backwards, steps_forwards

LEAST_WITH_SEEN_PX = 600
MARGINS_PX = 120
"""What is between and beside grids, channels and the picture of what is seen."""
EMPTY = ("No value is chosen", "Click a value of a layer, or go to one with the arrow keys.")


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """A grid of the chosen channel: its widget, and the words above it."""

    grid: CellGrid
    title: QLabel
    place: QLabel
    holder: QWidget


class ArithmeticPanel(QWidget):
    """Writes out the account of the chosen cell: all channels small, the chosen one large, then the sums."""

    def __init__(self, inside: Inside, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inside = inside
        self._links = Links()
        self._steps: Sequence[Step] = ()
        self._channel = 0
        self._cell: Cell | None = None
        self._beside: ArithmeticPanel | None = None
        self.path = QLabel()
        self.back, self.forth = QPushButton("‹ from"), QPushButton("feeds ›")
        self.channels = ChannelList()
        self.values, self.factors, self.products = (
            self._grid(name) for name in ("Values that are read", "Factors", "Products")
        )
        self.signs = [QLabel("×"), QLabel("=")]
        self.lines = QLabel()
        self.seen = SeenPicture()
        self._lay_out()
        self.channels.chosen.connect(self._show_channel)
        self.values.grid.followed.connect(self._follow)
        self.products.grid.followed.connect(self._follow)
        for label in (self.lines, self.path):
            label.linkActivated.connect(self._on_link)
        self.back.clicked.connect(self.go_back)
        self.forth.clicked.connect(self.go_forth)
        for signal in (inside.looked, inside.cell_changed, inside.aim_changed):
            signal.connect(self.refresh)
        theme.changed.connect(self.refresh)

    # --- Assembly ----------------------------------------------------------------------------------------------------

    def _grid(self, name: str) -> _Shown:
        grid, title, place, holder = CellGrid(name), ElidedLabel(), ElidedLabel(), QWidget()
        theme.mark(title, "role", "strong")
        theme.mark(place, "role", "muted")
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for widget in (title, place):
            column.addWidget(widget)
        column.addWidget(grid, 1)
        return _Shown(grid, title, place, holder)

    def _lay_out(self) -> None:
        for label in (self.lines, self.path):
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setTextInteractionFlags(
                Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
            )
        self.lines.setWordWrap(True)
        self.lines.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.lines.setAccessibleName("The sum in words")
        self.back.setToolTip("Go to the value that it comes from, the largest of several (Page Up)")
        self.forth.setToolTip("Go to the largest value that it feeds (Page Down)")
        self.keeping = Keeping(self, self._file_name, self._numbers)
        self.take = KeepButton(self.keeping)
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.path, 1)
        for button in (self.back, self.forth, self.take):
            top.addWidget(button)
        grids = QHBoxLayout()
        grids.setSpacing(8)
        for place, shown in enumerate(self._grids):
            if place:
                grids.addWidget(self.signs[place - 1])
            grids.addWidget(shown.holder, 1)
        scroll = QScrollArea()
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(self.lines)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        middle = QVBoxLayout()
        middle.setSpacing(8)
        middle.addLayout(grids)
        middle.addWidget(scroll, 1)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.channels)
        row.addLayout(middle, 1)
        row.addWidget(self.seen)
        self._page = QWidget()
        column = QVBoxLayout(self._page)
        column.setContentsMargins(12, 6, 12, 8)
        column.setSpacing(6)
        column.addLayout(top)
        column.addLayout(row, 1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._page)
        self._empty = empty_page(*EMPTY)
        self._pages.addWidget(self._empty)
        self._pages.setCurrentWidget(self._empty)
        self._said = EMPTY

    def keep_with(self, other: QWidget | None) -> None:
        """Have the channel that is chosen here shown by the panel of another moment too; None: be alone again."""
        self._beside = other if isinstance(other, ArithmeticPanel) else None
        if self._beside is not None:
            self.channels.chosen.connect(self._beside.choose_channel)

    @Slot(int)
    def choose_channel(self, channel: int) -> None:
        """Show a channel large, where there is such a one."""
        if channel != self._channel and 0 <= channel < len(self._steps):
            self._show_channel(channel)
            self._list_channels()

    # --- Showing -----------------------------------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Write out what is chosen now."""
        if not self.isVisible():
            return
        account = self._inside.account
        if account is None:
            self._say(*EMPTY)
        elif not account.workings:
            self._say(f"Nothing is known of {account.cell.layer} yet", account.refusal)
        else:
            self._pages.setCurrentWidget(self._page)
            self._show(account)

    def _show(self, account: Account) -> None:
        if account.cell != self._cell:
            self._cell, self._channel = account.cell, -1
        self._links = Links()
        self._write_path(account)
        self._steps = steps_backwards(account) if account.backwards else steps_forwards(account)
        if self._channel < 0 or self._channel >= len(self._steps):
            self._channel = max(range(len(self._steps)), key=lambda i: self._steps[i].strength, default=0)
            if self._beside is not None and self._beside._cell == self._cell and self._beside.isVisible():
                self._channel = min(max(self._beside._channel, 0), max(0, len(self._steps) - 1))
        self._list_channels()
        self._show_channel(self._channel)
        if account.backwards:
            html = backwards_html(account.backwards, self._links)
        else:
            html = workings_html(account.workings, self._links)
        feeds = self._feeds(account)
        note = f"<p style='margin:0'><small>{escape(account.refusal)}</small></p>" if account.refusal else ""
        self.lines.setText(html + feeds + note)
        self.lines.setAccessibleDescription(account.sentence)
        self.setAccessibleName("Arithmetic")
        self.setAccessibleDescription(account.sentence)
        self.back.setEnabled(self._source() is not None)
        self.forth.setEnabled(bool(self._fed(account)))
        self.seen.show_account(account, self._inside.look)
        self._fit()

    def _say(self, title: str, text: str) -> None:
        if (title, text) != self._said:
            self._empty = say_instead(self._pages, self._empty, title, text)
            self._said = (title, text)
        self._pages.setCurrentWidget(self._empty)

    def _write_path(self, account: Account) -> None:
        """Name the cell, and what it was made from as long as that is one value."""
        names = []
        for place, each in enumerate(account.workings):
            cell = cell_at(each.layer, each.cell)
            text = short_name(cell, image=len(each.cell) == 3)
            names.append(f"<b>{escape(text)}</b>" if not place else self._links.to(cell, text))
        self.path.setText(" ← ".join(names))

    def _feeds(self, account: Account) -> str:
        fed = self._fed(account)
        links = [self._links.to(cell, self._name(cell)) for cell in fed]
        return f"<p style='margin:0 0 6px 0'><small>it feeds {' · '.join(links)}</small></p>" if links else ""

    def _fed(self, account: Account) -> list[Cell]:
        """Return of each layer that reads the cell's the largest value that it feeds."""
        look = self._inside.look
        if look is None:
            return []
        readers = [id for id, known in look.report.layers.items() if account.cell.layer in known.layer.inputs]
        found = (largest_fed(account, look, id) for id in readers)
        return [cell for cell in found if cell is not None]

    def _source(self) -> Cell | None:
        """Return the largest of the values that the chosen one comes from."""
        account = self._inside.account
        if account is None or not account.workings:
            return None
        if len(account.workings) > 1:
            second = account.workings[1]
            return cell_at(second.layer, second.cell)
        step = self._steps[self._channel] if self._steps else None
        return None if step is None else step.largest_source()

    def _name(self, cell: Cell) -> str:
        look = self._inside.look
        known = None if look is None else look.report.layers.get(cell.layer)
        return short_name(cell, image=known is not None and known.shape is not None and len(known.shape) == 3)

    def _colours(self) -> tuple[tuple[Table, Table], tuple[tuple[float, float], tuple[float, float]]]:
        """Return tables and limits of the values, and of the factors."""
        signed = weights(theme.current())
        values = np.concatenate([step.values.ravel() for step in self._steps] or [np.zeros(1)])
        factors = np.concatenate([s.factors.ravel() for s in self._steps if s.factors is not None] or [np.zeros(1)])
        limit, other = symmetric_limit(factors), symmetric_limit(values)
        if self._steps and self._steps[0].are_gradients:
            return (signed, signed), ((-other, other), (-limit, limit))
        return (ACTIVATIONS, signed), (limits_of(values), (-limit, limit))

    def _list_channels(self) -> None:
        tables, limits = self._colours()
        rows = [step.row for step in self._steps]
        sign = "→" if self._steps and self._steps[0].are_gradients else "×"
        self.channels.show_rows(rows, tables, limits, self._channel, sign)
        self.channels.setVisible(len(rows) > 1)

    @Slot(int)
    def _show_channel(self, channel: int) -> None:
        self._channel = channel
        if not self._steps:
            for shown in self._grids:
                shown.holder.hide()
            for sign in self.signs:
                sign.hide()
            return
        step = self._steps[channel]
        tables, limits = self._colours()
        signed = symmetric_limit(step.products) if step.products is not None else 1.0
        grids = (
            (self.values, step.values, step.titles[0], tables[0], limits[0]),
            (self.factors, step.factors, step.titles[1], tables[1], limits[1]),
            (self.products, step.products, step.titles[2], weights(theme.current()), (-signed, signed)),
        )
        for shown, numbers, (title, place), table, each in grids:
            shown.holder.setVisible(numbers is not None)
            if numbers is None:
                continue
            of_places = shown is not self.factors
            inside = as_matrix(step.inside.astype(float)) != 0 if of_places else None
            winner = step.winner if shown is self.values else None
            shown.grid.can_follow = of_places
            total = step.total if shown is self.products else None
            said = shown.grid.show_numbers(as_matrix(numbers), table, each, inside, winner, total)
            shown.title.setText(title)
            shown.place.setText(f"they add up to {said}" if said else place)
        for sign, text, shown in zip(self.signs, step.signs, (self.factors, self.products), strict=True):
            sign.setText(text)
            sign.setVisible(not shown.holder.isHidden())
        self._fit()

    @property
    def _grids(self) -> tuple[_Shown, _Shown, _Shown]:
        return self.values, self.factors, self.products

    def _numbers(self) -> Numbers | None:
        """Return the numbers of the chosen channel."""
        return self._steps[self._channel].numbers() if self._steps else None

    def _file_name(self) -> str:
        return "arithmetic" if self._cell is None else self._name(self._cell)

    def take_keys(self) -> None:
        """Let keys choose in the grid of the values that are read, or in the text where there is none."""
        (self.values.grid if self._steps else self.lines).setFocus()

    # --- Going from cell to cell -------------------------------------------------------------------------------------

    @Slot(object)
    def _follow(self, place: tuple[int, int]) -> None:
        cell = self._steps[self._channel].source_at(place) if self._steps else None
        if cell is not None:
            self._inside.choose(cell)

    @Slot(str)
    def _on_link(self, name: str) -> None:
        cell = self._links.cell(name)
        if cell is not None:
            self._inside.choose(cell)

    @Slot()
    def go_back(self) -> None:
        """Choose the value that the chosen one comes from."""
        cell = self._source()
        if cell is not None:
            self._inside.choose(cell)

    @Slot()
    def go_forth(self) -> None:
        """Choose the largest value that the chosen one feeds."""
        account = self._inside.account
        fed = [] if account is None else self._fed(account)
        if fed:
            self._inside.choose(fed[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_PageUp:
            self.go_back()
        elif event.key() == Qt.Key.Key_PageDown:
            self.go_forth()
        elif event.key() == Qt.Key.Key_B and not event.modifiers():
            self._inside.toggle_backwards()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave the numbers the room where there is little: what is seen is framed among the layers too."""
        wanted = sum(shown.grid.legible_px for shown in self._grids if not shown.holder.isHidden())
        used = MARGINS_PX + (0 if self.channels.isHidden() else self.channels.width())
        room = self.width() - used - self.seen.width()
        self.seen.setVisible(self.seen.has_picture and self.width() >= LEAST_WITH_SEEN_PX and room >= wanted)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._inside.want(self, ())
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._inside.want(self, None)
