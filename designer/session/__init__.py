"""The open document as the window sees it."""

from typing import TypeAlias

from designer.session.probe import Picture, Probe, Probed
from designer.session.scope import Scope
from designer.session.session import Change, Session

Drawn: TypeAlias = Session | Scope
"""Whatever holds something that is drawn: a whole document, or whichever block of it is open."""

__all__ = ["Change", "Drawn", "Picture", "Probe", "Probed", "Scope", "Session"]
