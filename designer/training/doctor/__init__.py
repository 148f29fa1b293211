"""A doctor in words: what is wrong with a run, with evidence, and cures that were tried before they are offered."""

from designer.training.doctor.panel import DoctorPanel

__all__ = ["DoctorPanel"]
