"""The open document as the window sees it."""

from designer.session.session import Change, Session

__all__ = ["Change", "Session"]
