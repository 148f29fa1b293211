"""ReLUs that nothing activates any more."""

from __future__ import annotations

from typing import ClassVar

from core.text import counted, listing
from core.training.findings.facts import Facts, Look
from core.training.findings.sign import Sign
from core.training.messages import Finding


class DeadLayer(Sign):
    """All ReLUs of a layer give 0 for every sample, so that no gradient gets through it."""

    code: ClassVar = "dead_relus"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._before: frozenset[str] = frozenset()

    def after_look(self, look: Look) -> Finding | None:
        """Believe it when the gradient agrees, the second time, or at the end."""
        since = self.facts.zero_since
        sure = look.dead if since is not None or look.is_last else tuple(id for id in look.dead if id in self._before)
        self._before = frozenset(look.dead)
        if not sure:
            return None
        when = f"since batch {since:,}" if since is not None else f"by batch {look.step:,} at the latest"
        verb = "is" if len(sure) == 1 else "are"
        what = (
            f"All ReLUs of {listing(sure)} {verb} dead {when}: they give 0 for each of "
            f"{counted(len(look.labels), 'sample')} looked at, and no gradient gets through."
        )
        return self.found(
            look.step, what, "Start over with a smaller learning rate, or use LeakyReLU, which cannot die."
        )
