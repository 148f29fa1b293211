"""Curves, filters and activations: plain arrays and frozen snapshots in, pictures out."""

from designer.views.activations import ActivationsView
from designer.views.curves import CurvesView
from designer.views.decision_boundary import DecisionView
from designer.views.filters import FiltersView
from designer.views.network_view import NetworkView

__all__ = ["ActivationsView", "CurvesView", "DecisionView", "FiltersView", "NetworkView"]
