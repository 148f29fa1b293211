"""ReLUs that nothing activates any more."""

from __future__ import annotations

from math import ceil
from typing import ClassVar

import numpy as np

from core.text import counted, listing
from core.training.findings.cures import drawn, other_kind, slower
from core.training.findings.facts import Facts, Look
from core.training.findings.sign import Sign, series
from core.training.messages import Evidence, Finding

MOST_FILTERS, MOST_UNITS = 0.4, 0.75
"""The share of a layer's units that may be dead: of many features, a healthy Dense layer needs few."""
SILENT = 64
"""Samples of measured steps without gradient, before a unit counts as dead."""


class DeadLayer(Sign):
    """All ReLUs of a layer give 0 for every sample, so that no gradient gets through it."""

    code: ClassVar = "dead_relus"
    title: ClassVar = "All ReLUs of a layer are dead"
    cures: ClassVar = "a tenth of the learning rate; LeakyReLU instead; He's initialisation"

    def after_look(self, look: Look) -> Finding | None:
        """Name the layers, and the batch since which the gradient is 0; beside a shortcut it need not be."""
        if not look.dead:
            return None
        since = self.facts.zero_since
        when = f"since batch {since:,}" if since is not None else f"by batch {look.step:,} at the latest"
        what = (
            f"All ReLUs of {listing(look.dead)} are dead {when}: they give 0 for each of "
            f"{counted(len(look.labels), 'sample')} looked at, and no gradient gets through."
        )
        gates = [gate for gate in self.facts.gauges.gates if gate.relu in look.dead]
        return self.found(
            look.step,
            what,
            "Start over with a smaller learning rate, or use LeakyReLU, which cannot die.",
            badges={**{gate.layer: "dead" for gate in gates}, **dict.fromkeys(look.dead, "dead")},
            evidence=dead_series(self.facts, gates[0].layer, len(gates[0].since)) if gates else None,
            cures=(
                *slower(self.facts.training, 10),
                *other_kind(look.dead, "LeakyReLU"),
                *drawn(self.facts.network.document, self.facts.training, "he_normal"),
            ),
        )


class DeadUnits(Sign):
    """More than 40 % of the filters or 75 % of the units of a layer give 0 for every sample and get no gradient."""

    code: ClassVar = "dead_units"
    title: ClassVar = "Many units are dead"
    cures: ClassVar = "a third and a tenth of the learning rate; LeakyReLU instead"

    def after_look(self, look: Look) -> Finding | None:
        """Count the units that have had no gradient for some measured steps and give 0 for every sample."""
        dead = {}
        shapes = {node.id: node.shape for node in self.facts.network.program.nodes}
        n_steps = max(2, ceil(SILENT / self.facts.training.settings.batch_size))
        for gate in self.facts.gauges.gates:
            silent = gate.n > n_steps
            n_dead = int(np.count_nonzero(silent & look.quiet[gate.relu]))
            if gate.relu not in look.dead and n_dead > (
                MOST_FILTERS if len(shapes[gate.layer]) > 1 else MOST_UNITS
            ) * len(silent):
                dead[gate.layer] = n_dead, len(silent), gate.relu, int(gate.since[silent].max())
        if not dead:
            return None
        nouns = {id: "filters" if len(shapes[id]) > 1 else "units" for id in dead}
        said = listing(f"{n} of {total} {nouns[id]} of {id}" for id, (n, total, _, _) in dead.items())
        worst = max(dead, key=lambda id: dead[id][0] / dead[id][1])
        what = (
            f"{said} are dead: they give 0 for each of {counted(len(look.labels), 'sample')} looked at, "
            f"and have had no gradient since batch {dead[worst][3]:,}."
        )
        return self.found(
            look.step,
            what,
            "Start over with a smaller learning rate, or use LeakyReLU, which cannot die.",
            badges={id: f"{n} of {total} dead" for id, (n, total, _, _) in dead.items()},
            evidence=dead_series(self.facts, worst, dead[worst][1]),
            cures=(
                *slower(self.facts.training, 3),
                *other_kind([relu for _, _, relu, _ in dead.values()], "LeakyReLU"),
                *slower(self.facts.training, 10),
            ),
        )


def dead_series(facts: Facts, layer: str, total: int) -> Evidence | None:
    """Return how many units of a layer had no gradient, step by step."""
    points = ((gauge.step, float(gauge.shut[layer])) for gauge in facts.gauges.steps)
    return series(f"units of {layer} without gradient", points, f"of {total}")
