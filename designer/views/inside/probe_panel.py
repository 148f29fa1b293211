"""The probe: drawn, a sample of the data set, or a picture of the user's own; and what the network takes it for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QMimeData, Qt, QUrl, Signal, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QHideEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.errors import DataError
from core.io.datasets.drawings import Placing, pad_shape
from core.io.datasets.pictures.one import read_picture
from core.shapes import Shape
from designer import theme
from designer.session import Probed
from designer.session.looking import Insight
from designer.views.inside.cell_facts import CellFacts
from designer.views.inside.draw_tools import DrawTools, tool
from designer.views.inside.inside import Inside
from designer.views.inside.pad import Pad
from designer.views.inside.verdict import ClassVerdict
from designer.views.switch import Switch

DRAW, SAMPLE, IMAGE = range(3)
DRAWING = "your drawing"
MOST_PASTED_PX = 16_000_000


class ProbePanel(QScrollArea):
    """Chooses what is looked at, and says what the network takes it for."""

    said = Signal(str)
    """A sentence for the status bar."""

    def __init__(self, inside: Inside, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inside, self._probe = inside, inside.session.probe
        self._shape: Shape | None = None
        self._placing: Placing | None = None
        self.switch = Switch(("Draw", "Sample", "Image"), ("Draw on the pad", "Samples of the data set", "A picture"))
        self.pad = Pad()
        self.tools = DrawTools(self.pad)
        self.pages: list[QWidget] = [self.tools, self._make_samples(), self._make_images()]
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        theme.mark(self.note, "role", "muted")
        self.verdict = ClassVerdict()
        self.facts = CellFacts(inside)
        self._lay_out()
        self.viewport().setAcceptDrops(True)
        self.switch.chosen.connect(self.show_mode)
        self.pad.drawn.connect(self._on_drawn)
        self.tools.placing_changed.connect(self._on_drawn)
        self.pad.next_requested.connect(self._next)
        self._probe.changed.connect(self._on_probe)
        inside.looked.connect(self._on_look)
        self.show_mode(SAMPLE)

    # --- Assembly ----------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.setFrameShape(self.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(8)
        column.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.pad)
        for widget in self.pages:
            column.addWidget(widget)
        column.addWidget(self.note)
        column.addWidget(self.verdict)
        column.addWidget(self.facts)
        column.addStretch(1)
        self.setWidget(page)

    def _make_samples(self) -> QWidget:
        page, column = _page()
        self.number = QSpinBox(minimum=1, maximum=1)
        self.number.setKeyboardTracking(False)
        self.number.setAccessibleName("Sample")
        self.number.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        theme.mark(self.number, "plain", True)
        self.before, self.after = tool("‹", "Previous sample"), tool("Next", "Next sample (Space)")
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.before)
        row.addWidget(self.number, 1)
        row.addWidget(self.after)
        column.addLayout(row)
        self.before.clicked.connect(self._previous)
        self.after.clicked.connect(self._next)
        self.number.valueChanged.connect(self._on_number)
        return page

    def _make_images(self) -> QWidget:
        page, column = _page()
        self.open, self.paste = (
            tool("Open…", "Insight for a picture"),
            tool("Paste", "Take it from the clipboard"),
        )
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.open)
        row.addWidget(self.paste)
        row.addStretch(1)
        column.addLayout(row)
        self.open.clicked.connect(self.choose_picture)
        self.paste.clicked.connect(self.paste_picture)
        return page

    # --- What the user does ------------------------------------------------------------------------------------------

    @Slot(int)
    def show_mode(self, mode: int) -> None:
        """Draw, take samples or take pictures."""
        self.switch.turn_on(mode)
        for place, page in enumerate(self.pages):
            page.setVisible(place == mode)
        self.pad.can_draw = mode == DRAW and self._shape is not None
        self.pad.setCursor(Qt.CursorShape.CrossCursor if self.pad.can_draw else Qt.CursorShape.ArrowCursor)
        picture = self._probe.now.picture
        if mode == DRAW and self.pad.strokes and (picture is None or picture.name != DRAWING):
            self._on_drawn()
        elif mode == SAMPLE and picture is not None:
            self._probe.take_sample(self._probe.now.sample)
        self._show_picture()
        self._write_note()

    @property
    def mode(self) -> int:
        """Which part of the switch is on."""
        return next(place for place, part in enumerate(self.switch.parts) if part.isChecked())

    def take_file(self, path: Path) -> bool:
        """Look at a picture from a file; says so in the status bar where it is none."""
        try:
            pixels = read_picture(path)
        except DataError as error:
            self.said.emit(str(error))
            return False
        scaled = pixels.astype(np.float32) / (255 if pixels.dtype == np.uint8 else 1)
        self._take(scaled, path.name)
        return True

    @Slot()
    def choose_picture(self) -> None:
        """Ask for a picture and look at it."""
        name, _ = QFileDialog.getOpenFileName(
            self, "Choose a picture", "", "Pictures (*.png *.jpg *.jpeg *.bmp *.gif *.tif *.tiff *.webp);;All files (*)"
        )
        if name:
            self.take_file(Path(name))

    @Slot()
    def paste_picture(self) -> None:
        """Look at the picture on the clipboard."""
        if not self._take_mime(QGuiApplication.clipboard().mimeData()):
            self.said.emit("There is no picture on the clipboard.")

    def _take_mime(self, data: QMimeData) -> bool:
        path = _picture_file(data)
        if path is not None:
            return self.take_file(path)
        image = data.imageData() if data.hasImage() else None
        if not isinstance(image, QImage) or image.isNull():
            return False
        if image.width() * image.height() > MOST_PASTED_PX:
            self.said.emit(
                f"The picture has {image.width():,}×{image.height():,} pixels: up to 16 million can be pasted."
            )
            return True
        self._take(pixels_of(image), "the picture from the clipboard")
        return True

    def _take(self, pixels: np.ndarray, name: str) -> None:
        self._probe.take_picture(pixels, name)
        self.show_mode(IMAGE)

    @Slot()
    def _on_drawn(self) -> None:
        placing = self._placing if self.tools.place.isChecked() else None
        pixels = self.pad.drawing(placing)
        if pixels is None:
            self._probe.take_sample(self._probe.now.sample)
        else:
            self._probe.take_picture(pixels, DRAWING)
        self._show_picture()
        self._write_note()

    @Slot(int)
    def _on_number(self, number: int) -> None:
        self._probe.take_sample(number - 1)

    @Slot()
    def _next(self) -> None:
        self._inside.step_sample(1)

    @Slot()
    def _previous(self) -> None:
        self._inside.step_sample(-1)

    # --- Following ---------------------------------------------------------------------------------------------------

    @Slot(object)
    def _on_probe(self, probed: Probed) -> None:
        if probed.picture is None and self.mode == IMAGE:
            self.show_mode(SAMPLE)
        elif probed.picture is None and self.mode == DRAW and self.pad.strokes:
            self.show_mode(SAMPLE)  # a sample was chosen elsewhere; the drawing stays for later
        self.number.blockSignals(True)
        self.number.setValue(probed.sample + 1)
        self.number.blockSignals(False)

    @Slot()
    def _on_look(self) -> None:
        look, dataset = self._inside.look, self._inside.dataset
        if look is None:
            return
        shape = _entering_shape(look)
        placing_changed = look.placing != self._placing
        self._placing = look.placing
        if shape != self._shape:
            self._shape = shape
            if shape is not None:
                self.pad.set_shape(shape)
            self.show_mode(self.mode)
        self.number.blockSignals(True)
        most = 1 if dataset is None else max(1, len(dataset))
        if most != self.number.maximum():  # or the panel would be laid out anew at every look
            self.number.setMaximum(most)
        suffix = "" if dataset is None else f" / {len(dataset):,}"
        if suffix != self.number.suffix():
            self.number.setSuffix(suffix)
        self.number.setValue(look.probed.sample + 1)
        self.number.blockSignals(False)
        for widget in (self.number, self.before, self.after):
            widget.setEnabled(dataset is not None)
        self.tools.place.setVisible(self._placing is not None)
        if placing_changed and self.mode == DRAW and self.pad.strokes:
            self._on_drawn()
        if self.mode != DRAW:
            self._show_picture()
        names = dataset.classes if dataset is not None else ()
        self.verdict.show_output(self._inside.output, names, self._inside.label, look.origin)
        self._write_note()

    def _show_picture(self) -> None:
        look = self._inside.look
        if self.mode == DRAW:
            self.pad.say("Draw here, or press Space for the next sample.")
            self.pad.show_drawing()
            return
        self.pad.say("" if look is None else look.refusal or "Nothing to look at yet.")
        self.pad.show_pixels(None if look is None else look.pixels)

    def _write_note(self) -> None:
        """Say what is done to what was drawn, or which picture it is."""
        look, text = self._inside.look, ""
        if self.mode == DRAW and self._shape is None:
            text = "This network takes no pictures: choose a sample."
        elif self.mode == DRAW and self._placing is not None and self.tools.place.isChecked():
            text = self._placing.words(self._shape[0] if self._shape else 0)
        elif self.mode == DRAW:
            text = "All maps follow the pen. It enters the network where you draw it."
        elif self.mode == IMAGE:
            picture = self._probe.now.picture
            text = "Open or paste a picture, or drop one here." if picture is None else f"{picture.name}, as it enters."
        if look is not None and look.refusal:
            text = look.refusal
        self.note.setText(text)
        self.note.setVisible(bool(text))

    # --- Events ------------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        # Pasting belongs to the document, unless there is a picture that can be looked at here.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            data = QGuiApplication.clipboard().mimeData()
            if event.matches(QKeySequence.StandardKey.Paste) and (data.hasImage() or _picture_file(data) is not None):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste_picture()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasImage() or _picture_file(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if self._take_mime(event.mimeData()):
            event.acceptProposedAction()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._inside.want(self, ())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._inside.want(self, None)


def pixels_of(image: QImage) -> np.ndarray:
    """Return the pixels of a picture, (H, W, 3) from 0 to 1; what is transparent is white, as in files."""
    flat = QImage(image.size(), QImage.Format.Format_RGB888)
    flat.fill(Qt.GlobalColor.white)
    painter = QPainter(flat)
    painter.drawImage(0, 0, image)
    painter.end()
    rows = np.frombuffer(flat.constBits(), np.uint8).reshape(flat.height(), flat.bytesPerLine())
    return rows[:, : 3 * flat.width()].reshape(flat.height(), flat.width(), 3).astype(np.float32) / 255


def _entering_shape(look: Insight) -> Shape | None:
    """Return the shape of the pictures that one draws for a network; None where it takes none."""
    entrances = [layer for layer in look.report.layers.values() if not layer.layer.inputs and layer.shape is not None]
    return pad_shape(entrances[0].shape or ()) if len(entrances) == 1 else None


def _picture_file(data: QMimeData) -> Path | None:
    urls: list[QUrl] = data.urls()
    if len(urls) != 1 or not urls[0].isLocalFile():
        return None
    path = Path(urls[0].toLocalFile())
    return path if path.is_file() else None


def _page() -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    return page, column
