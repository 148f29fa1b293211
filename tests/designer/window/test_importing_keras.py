"""A Keras model that is dropped on the window."""

import json

from PySide6.QtCore import QTimer, QUrl
from PySide6.QtWidgets import QDialogButtonBox, QLabel

from designer.window.importing import ImportReport
from tests.designer.window.test_file_drop import drop

LAYERS = [
    {"class_name": "InputLayer", "config": {"name": "image", "batch_shape": [None, 8, 8, 1]}},
    {"class_name": "ZeroPadding2D", "config": {"name": "pad", "padding": 1}},
    {"class_name": "Conv2D", "config": {"name": "conv", "filters": 4, "kernel_size": 3, "activation": "relu"}},
    {"class_name": "Flatten", "config": {"name": "flat"}},
    {"class_name": "Dense", "config": {"name": "fc", "units": 3, "activation": "softmax"}},
]


def test_a_keras_model_without_weights_becomes_a_document_that_says_so(window, qtbot, tmp_path):
    path = tmp_path / "model.json"
    path.write_text(json.dumps({"class_name": "Sequential", "config": {"name": "small", "layers": LAYERS}}))
    seen = []

    def look():
        for dialog in window.findChildren(ImportReport):
            if dialog.isVisible():
                seen.append(dialog.findChild(QLabel).text())
                dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click()

    timer = QTimer(window)
    timer.timeout.connect(look)
    timer.start(20)
    assert drop(window.canvas.view.viewport(), QUrl.fromLocalFile(str(path)))
    qtbot.waitUntil(lambda: bool(seen))
    timer.stop()

    ids = [layer.id for layer in window.session.document.graph.layers]
    assert ids == ["image", "conv", "conv_relu", "flat", "fc", "fc_softmax"]
    assert "without weights" in seen[0]
    assert window.runs.shown is None
