"""Every picture of the window can be copied and saved, as PNG and SVG, with its numbers; a new one must too."""

import csv
from io import BytesIO, StringIO

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtGui import QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from core.graph.edits import set_training
from core.io.templates import load_template
from core.search.trials import Trial
from core.training.messages import Evidence
from designer.export.difference_plot import DifferencePlot
from designer.pictures import Keeping
from designer.pictures.files import picture_of
from designer.pictures.svg import svg_of
from designer.session.looking import Cell
from designer.training.doctor.spark_line import SparkLine
from designer.views.search.trial_marks import trial_numbers
from tests.designer.pictures.drawn import texts_of

NO_PICTURES = {
    **dict.fromkeys(("Canvas", "Minimap", "Strip"), "the network itself: File › Export has its picture"),
    **dict.fromkeys(("RailButton", "Verdict", "LayerChooser", "ElidedLabel", "_Highlight"), "words and buttons"),
    **dict.fromkeys(("Legend", "ClassLegend", "Key", "_Numbers"), "what stands beside something else"),
    **dict.fromkeys(("CourseSlider", "SplitBar"), "what one drags"),
    "CurvesView": "the panel around a picture",
}
"""Class → why what it paints is no picture to keep."""
WRITES = {
    "LayersView": "conv1",
    "ConfusionMatrix": "recall",
    "UpdateRatioView": "conv1",
    "GradientNormView": "conv1",
    "BalanceView": "0",
    "PredictedGrid": "said",
    "ClassRows": "%",
    "PatchRows": "filter 1",
    "CalibrationPlot": "%",
}
"""What is written in a picture, somewhere."""


def paints(widget):
    ours = [kind for kind in type(widget).__mro__ if kind.__module__.startswith("designer.")]
    return bool(ours) and (isinstance(widget, pg.PlotWidget) or any("paintEvent" in vars(kind) for kind in ours))


def pictures(window):
    """Return the widgets in sight that paint something of their own, by whether they can be kept."""
    found = [widget for widget in window.findChildren(QWidget) if widget.isVisible() and paints(widget)]
    return [widget for widget in found if type(widget).__name__ not in NO_PICTURES]


def keeping_of(widget):
    """Return what the right button opens on a widget."""
    while widget is not None:
        for child in widget.children():
            if isinstance(child, Keeping):
                return child
        widget = widget.parentWidget()
    return None


def floats(numbers):
    for row in csv.reader(StringIO(numbers.csv)):
        for cell in row:
            try:
                yield float(cell)
            except ValueError:
                continue


def check(keeping):
    """Write all that a picture offers, and read it again."""
    image = QImage.fromData(picture_of(keeping.widget))
    assert image.size() == 2 * keeping.widget.size()
    svg = svg_of(keeping.widget, keeping.name)
    assert QSvgRenderer(svg).isValid()
    texts = texts_of(svg)
    words = "".join(texts_of(svg_of(keeping.widget, keeping.name, caption := keeping.caption))).replace(" ", "")
    assert caption.title
    assert caption.about.replace(" ", "") in words
    assert caption.title.replace(" ", "") in words
    name = type(keeping.widget).__name__
    if name in WRITES and (numbers := keeping.numbers()) is not None:
        assert any(WRITES[name] in text for text in texts), (name, texts)
    numbers = keeping.numbers()
    if numbers is None:
        return name, False
    np.testing.assert_array_equal(np.load(BytesIO(numbers.npy), allow_pickle=False), numbers.array)
    values = np.asarray(numbers.array, float).ravel()
    values = np.sort(values[np.isfinite(values)])
    written = np.sort([value for value in floats(numbers) if np.isfinite(value)])
    if len(values):
        near = written[np.clip(np.searchsorted(written, values), 0, len(written) - 1)]
        below = written[np.clip(np.searchsorted(written, values) - 1, 0, len(written) - 1)]
        off = np.minimum(np.abs(near - values), np.abs(below - values))
        assert (off <= 1e-5 * np.maximum(1e-6, np.abs(values))).all(), name
    return name, True


def settle(window, qtbot, name):
    """Wait for what a panel asks of the network."""
    page = getattr(window.panels[name], "page", None)
    if name in {"predictions", "result", "patches", "embedding", "why"}:
        qtbot.waitUntil(lambda: (page or window.panels[name].page) is not None, timeout=20_000)
        page = window.panels[name].page
        qtbot.waitUntil(lambda: page.is_showing, timeout=30_000)
    if name == "why":
        qtbot.waitUntil(lambda: all(each.heat is not None for each in page.maps), timeout=60_000)
    if name == "pca":
        qtbot.waitUntil(lambda: bool(window.panels["pca"].plot.text), timeout=30_000)
    if name == "samples":
        qtbot.waitUntil(lambda: window.data.loaded is not None, timeout=30_000)
    if name in {"layers", "probe"}:
        qtbot.waitUntil(lambda: window.inside.look is not None and window.inside.look.is_whole, timeout=30_000)
    if name == "arithmetic":
        qtbot.waitUntil(lambda: window.inside.look is not None and window.inside.look.is_whole, timeout=30_000)
        window.inside.choose(Cell("conv2", 5, 2, 3))
    QApplication.processEvents()


@pytest.fixture
def trained(window, qtbot):
    window.resize(1600, 1000)
    window.session.open(set_training(load_template("lenet5"), {"epochs": 1}), None)
    window.show_workspace("train")
    for name in ("histograms", "update ratio", "gradient norm"):
        window.docks[name].raise_()
    with qtbot.waitSignal(window.run.finished, timeout=100_000):
        window.train_bar.train_or_pause()
    return window


@pytest.mark.timeout(240)
def test_every_picture_can_be_kept_with_its_numbers(trained, qtbot):
    window, checked = trained, {}
    for workspace in ("train", "inside", "data", "design"):
        window.show_workspace(workspace)
        for name, dock in window.docks.items():
            if dock.isHidden():
                continue
            dock.raise_()
            QApplication.processEvents()
            settle(window, qtbot, name)
            for widget in pictures(dock):
                keeping = keeping_of(widget)
                assert keeping is not None, f"{name}: {type(widget).__name__} can't be kept"
                kind, has_numbers = check(keeping)
                checked[kind] = checked.get(kind, False) or has_numbers
    bare = {kind for kind, has_numbers in checked.items() if not has_numbers}
    assert bare <= {"Scatter", "ParallelView", "ImportanceBars"}, bare  # nothing was searched
    assert len(checked) >= 20, sorted(checked)


def test_pictures_of_what_the_story_does_not_reach(qtbot):
    trials = [Trial(n, 0, {"optimizer.learning_rate": 0.1 * n}, "finished", (0.5,), (1.0,)) for n in (1, 2)]
    assert trial_numbers(trials).rows[1:] == [(1, 1, 0.1, "finished", 0.5), (2, 1, 0.2, "finished", 0.5)]
    line = SparkLine(Evidence("share of dead units", "%", (10, 20), (0.5, 0.25)))
    plot = DifferencePlot()
    plot.show_layers({"conv1": 1e-7, "fc1": None}, 1e-4)
    for widget in (line, plot):
        qtbot.addWidget(widget)
        widget.resize(300, 120)
        widget.show()
        assert check(keeping_of(widget)) == (type(widget).__name__, True)
