"""Signs that a run is worthless, or that its figures mean something else than they seem to."""
