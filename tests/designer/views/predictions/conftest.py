"""A session whose network can be asked about; no thread is left behind."""

import threading

import pytest

from core.graph.edits import set_training
from core.io.templates import load_template
from designer import theme
from designer.session import Session
from designer.training import Answering, Live, Run, Runs


class Stage:
    def __init__(self, document):
        self.session, self.run = Session(document), Run()
        self.runs = Runs(self.session, self.run)
        self.live = Live(self.session, self.run, self.runs)
        self.questions = Answering(self.session, self.run, self.runs, self.live)

    def close(self):
        gone = [worker.stop_and_wait() for worker in (self.run, self.live, self.questions)]
        self.runs.shelf.close()
        assert all(gone)


def own_threads():
    """All threads but those in which the engine computes, which it keeps."""
    return {thread.name for thread in threading.enumerate() if not thread.name.startswith("lane")}


@pytest.fixture
def make_stage(qapp):
    theme.set_theme("dark")
    before, made = own_threads(), []

    def make(document):
        made.append(Stage(document))
        return made[-1]

    yield make
    for stage in made:
        stage.close()
    assert own_threads() <= before


def digits(epochs=2, **training):
    return set_training(load_template("digits_cnn"), {"epochs": epochs, **training})


@pytest.fixture
def stage(make_stage):
    return make_stage(digits())


@pytest.fixture
def show(qtbot, stage):
    """Show a page that is made with the stage's questions, and wait for its answer."""

    def shown(make, size=(1100, 720)):
        page = make(stage)
        qtbot.addWidget(page)
        page.resize(*size)
        with qtbot.waitExposed(page):
            page.show()
        qtbot.waitUntil(lambda: page.is_showing, timeout=20_000)
        return page

    return shown


@pytest.fixture
def trained(qtbot, stage):
    """The stage after a training of two epochs."""
    with qtbot.waitSignal(stage.run.finished, timeout=60_000):
        stage.runs.begin()
    return stage
