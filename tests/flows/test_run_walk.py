"""A walk through runs: trained, stopped, edited, taken back, chosen, saved and loaded at random; nothing gets lost."""

import random
import threading
from contextlib import suppress

import numpy as np
import pytest
from PySide6.QtTest import QTest

from core.errors import ConvographError
from core.graph import edits
from core.graph.edits import set_training
from core.io.templates import load_template
from core.training.messages import Diverged

STEPS = 60


class Trainee:
    """Does at random what can be done to runs, and to the network that they train."""

    def __init__(self, window, seed, folder):
        self.window, self.folder = window, folder
        self.session, self.run, self.runs = window.session, window.run, window.runs
        self.random = random.Random(seed)
        self.kept = {}  # by the run: its arrays as they were when it was kept
        self.on_disk = set()
        self.n_checked = 0

    def step(self):
        """Do one thing; returns its name."""
        act = self.random.choice([*[self.begin] * 3, *[self.pause, self.stop, self.resume] * 2, *self.acts])
        with suppress(ConvographError):  # what cannot be done is refused
            act()
        return act.__name__

    @property
    def acts(self):
        changes = [self.undo, self.undo, self.redo, self.widen, self.rename, self.retrain, self.explode, self.cut]
        files = [self.save, self.load, self.load, self.open]
        return [self.one_step, self.start_over, self.go_on, self.choose, self.choose, self.bring_back, *changes, *files]

    def begin(self):
        self.runs.begin()

    def one_step(self):
        self.runs.begin(step=True) if self.run.state == "idle" else self.run.step()

    def start_over(self):
        self.runs.start_over()

    def go_on(self):
        self.runs.go_on()

    def pause(self):
        self.run.pause()

    def resume(self):
        self.run.resume()

    def stop(self):
        self.run.stop()

    def undo(self):
        self.session.undo()

    def redo(self):
        self.session.redo()

    def widen(self):
        units = {"units": self.random.choice([20, 30, 100])}
        self.session.edit("widen", edits.set_config(self.session.document, self.layer("Dense"), units))

    def rename(self):
        name = f"layer_{self.random.randrange(100)}"
        self.session.edit("rename", edits.rename_layer(self.session.document, self.layer("Dense"), name))

    def retrain(self):
        settings = {"batch_size": self.random.choice([16, 100]), "seed": self.random.randrange(3)}
        self.session.edit("set", set_training(self.session.document, settings))

    def explode(self):
        rate = {"learning_rate": self.random.choice([1000.0, 0.01, 0.01])}
        self.session.edit("set", edits.set_optimizer(self.session.document, "SGD", rate))

    def cut(self):
        self.session.edit("cut", edits.disconnect(self.session.document, self.layer("Dense"), 0))

    def choose(self):
        self.runs.choose(self.random.choice([*self.runs.kept, None]))

    def bring_back(self):
        self.runs.bring_back()

    def save(self):
        if self.runs.shown is not None and self.runs.shown.standing is not None:
            name = self.runs.shown.name
            self.runs.save(self.folder / f"{len(self.on_disk)}.npz")
            self.on_disk.add(name)

    def load(self):
        files = sorted(self.folder.iterdir())
        if files and self.session.report.valid and self.run.state == "idle":
            self.runs.load(self.random.choice(files))

    def open(self):
        if self.random.random() < 0.2:
            self.window.run.stop_and_wait()
            self.session.open(begun(), None)
            self.kept.clear()
            self.on_disk.clear()

    def layer(self, kind):
        return self.random.choice([layer.id for layer in self.session.document.graph.layers if layer.kind == kind])

    def check(self):
        """Look at all that has been promised."""
        for kept in self.runs.kept:
            if kept.standing is None:
                continue
            before = self.kept.setdefault(kept.name, {n: array.copy() for n, array in kept.standing.weights.items()})
            self.n_checked += 1
            for name, array in before.items():
                np.testing.assert_array_equal(kept.standing.weights[name], array)
        names = [kept.name for kept in self.runs.kept]
        assert len(set(names)) == len(names), names
        gone_on_from = {kept.after for kept in self.runs.kept if not isinstance(kept.outcome, Diverged)}
        made = {kept.name for kept in self.runs.kept if kept.outcome is not None}
        assert {kept.name for kept in self.runs.unsaved} == made - self.on_disk - gone_on_from
        assert self.run.state != "idle" or "training" not in [thread.name for thread in threading.enumerate()]

    def origin(self):
        """What must stand beside what is pictured while no run is on."""
        shown, report = self.runs.shown, self.session.report
        if shown is None:
            return "untrained"
        shapes = report.weight_shapes
        fits = report.valid and any(
            {name: array.shape for name, array in standing.weights.items()} == shapes for _, standing in shown.forms
        )
        if not fits and shown.drawn_as(report.document.graph) is None:
            return f"{shown.name}, before your edit"
        as_trained = shown.drawn_as(report.document.graph) is not None
        return shown.name if as_trained else f"weights of {shown.name}"


def begun():
    return set_training(load_template("mlp"), {"epochs": 1, "batch_size": 100})


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", [1])
def test_runs_survive_whatever_is_done(window, qtbot, tmp_path, seed):
    window.session.open(begun(), None)
    window.docks["filters"].raise_()
    trainee, done = Trainee(window, seed, tmp_path), []
    for number in range(STEPS):
        done.append(trainee.step())
        QTest.qWait(trainee.random.choice([0, 0, 40, 150]))
        trainee.check()
        if number % 10 == 9:
            window.run.stop()
            qtbot.waitUntil(lambda: window.run.state == "idle", timeout=20_000)
            trainee.check()
            qtbot.waitUntil(lambda: window.live.origin == trainee.origin(), timeout=30_000)
    assert trainee.n_checked > 20, done
