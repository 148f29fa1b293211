"""The few questions and pictures that need a dialog."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from core.version import __version__
from designer.canvas import Canvas
from designer.canvas.drawing.picture import FORMATS, Format, save_drawing
from designer.canvas.drawing.scene import Scene
from designer.session import Session
from designer.training import Runs
from designer.window.picture_dialog import PictureDialog


def save_picture(window: QWidget, scene: Scene, session: Session) -> None:
    """Ask how it is to look and for a name, and save what is drawn as a picture.

    Raises
    ------
    SaveError
        If it cannot be written.
    """
    document = session.document
    dialog = PictureDialog(document.name, session.report, window)
    if not dialog.exec():
        return
    chosen = choose_picture(window, document.name or "network")
    if chosen is not None:
        save_drawing(scene, *chosen, dialog.look)


def choose_picture(window: QWidget, proposed: str) -> tuple[Path, Format] | None:
    """Ask for a name for a picture, and what kind of picture it is to be; a name's own ending decides."""
    filters = ";;".join(form.filter for form in FORMATS)
    name, chosen = QFileDialog.getSaveFileName(window, "Save picture", proposed, filters)
    if not name:
        return None
    path = Path(name)
    form = next((form for form in FORMATS if form.filter == chosen), FORMATS[0])
    ending = path.suffix.lower().removeprefix(".")
    if ending != form.ending:
        other = next((form for form in FORMATS if form.ending == ending), None)
        return (path, other) if other else (path.with_name(f"{path.name}.{form.ending}"), form)
    return path, form


def export_document(canvas: Canvas, session: Session, runs: Runs) -> None:
    """Write the network for other programs, with the weights of the run that is shown where they suit it."""
    from designer.export.choice import Given
    from designer.export.export_dialog import ExportDialog

    canvas.view.give_up()
    report, shown, given = session.report, runs.shown, []
    standing = None if shown is None or not report.valid else shown.suiting(report)
    if shown is not None and standing is not None:
        given.append(Given(f"weights of {shown.name}", standing.weights, standing.beside))
        if standing.best is not None and standing.best.weights.keys() == standing.weights.keys():
            best = standing.best
            given.append(Given(f"best weights of {shown.name}, epoch {best.epoch}", best.weights, standing.beside))
    folder = Path.home() if session.path is None else session.path.parent
    stem = (session.document.name or "network") if session.path is None else session.path.stem
    dialog = ExportDialog(report, tuple(given), folder, re.sub(r"[^\w.-]+", "-", stem), canvas.window())
    dialog.exec()


def about_text(n_templates: int) -> str:
    """Write what the About box says."""
    return (
        f"<b>Convograph {__version__}</b>, Apache License 2.0"
        "<br>A designer for convolutional networks: draw, check, train and look inside, offline."
        f"<br><br>It comes with {n_templates} networks, from a perceptron to ResNet-152; they are in the palette."
        "<br><br>Font: Inter (SIL Open Font License). Digits: E. Alpaydin and C. Kaynak, UCI (CC BY 4.0)."
    )


def show_page(window: QWidget, title: str, html: str) -> None:
    """Show a page of text."""
    box = QMessageBox(QMessageBox.Icon.Information, title, html, parent=window)
    box.setTextFormat(Qt.TextFormat.RichText)
    box.exec()
