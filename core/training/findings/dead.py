"""ReLUs that nothing activates any more."""

from __future__ import annotations

from typing import ClassVar

from core.text import counted, listing
from core.training.findings.facts import Look
from core.training.findings.sign import Sign
from core.training.messages import Finding


class DeadLayer(Sign):
    """All ReLUs of a layer give 0 for every sample, so that no gradient gets through it."""

    code: ClassVar = "dead_relus"

    def after_look(self, look: Look) -> Finding | None:
        """Name the layers, and the batch since which the gradient is 0; beside a shortcut it need not be."""
        if not look.dead:
            return None
        since = self.facts.zero_since
        when = f"since batch {since:,}" if since is not None else f"by batch {look.step:,} at the latest"
        verb = "is" if len(look.dead) == 1 else "are"
        what = (
            f"All ReLUs of {listing(look.dead)} {verb} dead {when}: they give 0 for each of "
            f"{counted(len(look.labels), 'sample')} looked at, and no gradient gets through."
        )
        return self.found(
            look.step, what, "Start over with a smaller learning rate, or use LeakyReLU, which cannot die."
        )
