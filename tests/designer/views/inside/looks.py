"""Looks for views that compute nothing themselves: what a network gives for a picture."""

from dataclasses import replace

import numpy as np

from core.analysis.check import check
from core.engine.network import Network
from core.errors import DataError
from core.inside.looking import Look, look_inside
from core.io.datasets import fit_to, load_dataset
from core.io.datasets.drawings import fit_picture
from core.preprocessing.step import treated
from designer.session.looking import Insight


class Eyes:
    """Shows an `Inside` at once whatever it wants to see, as the window's thread does."""

    def __init__(self, inside, document=None, seed=0):
        self.inside, self.session = inside, inside.session
        document = document or self.session.document
        self.report = check(document)
        self.network = Network(document, seed=seed)
        shape = self.network.program.nodes[self.network.program.inputs[0]].shape
        try:
            self.dataset = fit_to(load_dataset(document.training.settings.dataset), shape)
        except DataError:
            self.dataset = None
        self.wanted = None
        self.changes = {}
        inside.wanted_changed.connect(self._want)
        self.session.probe.changed.connect(lambda _: self.look())

    def _want(self, wanted):
        self.wanted = wanted
        if wanted.is_on:
            self.look()

    def sample(self):
        probed, shape = self.session.probe.now, self.network.program.nodes[self.network.program.inputs[0]].shape
        if probed.picture is not None:
            return fit_picture(probed.picture.pixels, shape)
        if self.dataset is None:
            return np.random.default_rng(0).random(shape).astype(np.float32)
        return self.dataset.pixels(slice(probed.sample, probed.sample + 1))[0]

    def look(self, **changes):
        self.changes |= changes
        pixels = self.sample()
        x = treated(pixels[None].copy(), self.network.beside.steps)
        known = self.network.program.by_id
        wanted = [id for id in (self.wanted.layers if self.wanted else ()) if id in known]
        maps = {id: batch[0] for id, batch in self.network.activations(x, wanted).items()} if wanted else {}
        aim = self.wanted.aim if self.wanted else None
        look = Look(self.network.program, maps, self.network.weights)
        if aim is not None:
            look = look_inside(self.network, x[0], aim, wanted)
        n = len(known)
        insight = Insight(
            self.report,
            self.session.probe.now,
            "untrained",
            0,
            pixels,
            maps,
            dataset=self.dataset,
            look=look,
            n_done=n,
            n=n,
        )
        self.inside.show_look(replace(insight, **self.changes))
