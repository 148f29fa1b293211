"""The dock's page that explains the selected layer, forward and backward, with its own numbers."""

from designer.explain.explanation_panel import ExplainPanel

__all__ = ["ExplainPanel"]
