"""Draws the eye to a layer."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation

from designer.canvas.drawing.scene import Scene

FLASH_MS = 900


class Flash(QVariantAnimation):
    """Lets one layer at a time light up and fade."""

    def __init__(self, scene: Scene, parent: QObject) -> None:
        super().__init__(parent)
        self._scene = scene
        self._layer: str | None = None
        self.setStartValue(1.0)
        self.setEndValue(0.0)
        self.setDuration(FLASH_MS)
        self.setEasingCurve(QEasingCurve.Type.InQuad)
        self.valueChanged.connect(self._show)

    def light_up(self, layer: str) -> None:
        """Begin with another layer; the last one goes dark."""
        self.stop()
        self._show(0.0)
        self._layer = layer
        self.start()
        self._show(1.0)

    def _show(self, strength: float) -> None:
        node = self._scene.nodes.get(self._layer or "")
        if node is not None:
            node.set_flash(float(strength))
