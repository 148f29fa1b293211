"""Every way to explain, in one table: what lists them, shows them or says what they are is made from it."""

from __future__ import annotations

from typing import Final

from core.inside.filters import ActivationMaximisation, EffectiveField
from core.inside.gradients import GradCAM, GuidedBackprop, IntegratedGradients, Saliency
from core.inside.occlusion import Occlusion
from core.inside.reason import ClassReason, Reason
from core.inside.top_patches import TopPatches

CLASS_REASONS: Final[tuple[ClassReason, ...]] = (
    Saliency(),
    GradCAM(),
    Occlusion(),
    GuidedBackprop(),
    IntegratedGradients(),
)
"""Why a sample is taken for a class, in the order in which they are shown."""
MAXIMISATION: Final = ActivationMaximisation()
EFFECTIVE_FIELD: Final = EffectiveField()
TOP_PATCHES: Final = TopPatches()

REASONS: Final[tuple[Reason, ...]] = (*CLASS_REASONS, MAXIMISATION, EFFECTIVE_FIELD, TOP_PATCHES)
