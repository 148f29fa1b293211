"""The few questions and pictures that need a dialog."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget


def choose_dataset_path(window: QWidget, folder: str) -> Path | None:
    """Ask for the images file of a data set; its labels lie beside it."""
    name, _ = QFileDialog.getOpenFileName(
        window, "Choose the images of an IDX pair (the MNIST format)", folder, "IDX images (*images*);;All files (*)"
    )
    return Path(name) if name else None


def save_picture(window: QWidget, picture: QWidget, proposed: str) -> str | None:
    """Ask for a name and save what a widget shows; gives a sentence where that failed."""
    name, _ = QFileDialog.getSaveFileName(window, "Save picture", proposed, "Pictures (*.png)")
    if not name:
        return None
    path = Path(name) if Path(name).suffix else Path(name).with_suffix(".png")
    if picture.grab().save(str(path)):
        return None
    return f"{path} could not be written. Choose another folder or a name that ends with .png."


def about_text(n_templates: int) -> str:
    """Write what the About box says."""
    return (
        "<b>Convograph</b><br>A designer for convolutional networks: draw, check, train and look inside, offline."
        f"<br><br>It comes with {n_templates} networks, from a perceptron to ResNet-152; they are in the palette."
        "<br><br>Font: Inter (SIL Open Font License). Digits: E. Alpaydin and C. Kaynak, UCI (CC BY 4.0)."
    )


def show_page(window: QWidget, title: str, html: str) -> None:
    """Show a page of text."""
    QMessageBox.information(window, title, html)
