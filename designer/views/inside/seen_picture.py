"""What the chosen cell sees of the input, cut out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer import theme
from designer.session.looking import Insight
from designer.theme.colormaps import symmetric_limit, weights
from designer.views.elided import ElidedLabel
from designer.views.inside.account import Account
from designer.views.inside.channel_list import picture
from designer.views.preparing.picture_label import PictureLabel
from designer.views.sample_image import picture_of

SIDE_PX = 132


class SeenPicture(QWidget):
    """Shows the pixels that a cell depends on; where gradients are looked at, those of the pixels."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.place, self.picture = ElidedLabel(), ElidedLabel(), PictureLabel("what it sees", SIDE_PX)
        theme.mark(self.title, "role", "strong")
        theme.mark(self.place, "role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for widget in (self.title, self.place, self.picture):
            column.addWidget(widget)
        column.addStretch(1)
        self.setFixedWidth(SIDE_PX)
        self.has_picture = False

    def sizeHint(self) -> QSize:
        return QSize(SIDE_PX, SIDE_PX + 40)

    def show_account(self, account: Account, look: Insight | None) -> None:
        """Cut out what the cell of an account sees."""
        cut = None if look is None or look.pixels is None else self._cut(account, look)
        self.has_picture = cut is not None
        if cut is None:
            self.picture.clear()
        else:
            self.picture.show_image(*cut)

    def _cut(self, account: Account, look: Insight) -> tuple[QImage, NDArray[np.floating]] | None:
        entrance = next((id for id, known in look.report.layers.items() if not known.layer.inputs), "")
        region, pixels = account.seen.get(entrance), look.pixels
        if region is None or pixels is None or pixels.ndim != 3 or not region.n_cells:
            return None
        box = region.inside
        part = np.ascontiguousarray(pixels[box.top : box.bottom, box.left : box.right])
        self.place.setText(f"{box.bottom - box.top}×{box.right - box.left} of {entrance}")
        gradients = None if look.look is None else look.look.gradients.get(entrance)
        if account.backwards and gradients is not None:
            self.title.setText("gradient of its pixels")
            shown = gradients[box.top : box.bottom, box.left : box.right].sum(axis=2)
            limit = symmetric_limit(shown)
            return picture(shown, weights(theme.current()), (-limit, limit)), shown
        self.title.setText("what it sees")
        return picture_of(part).convertToFormat(QImage.Format.Format_ARGB32_Premultiplied), part
