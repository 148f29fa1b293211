"""A page of help for every kind of layer, made from its declaration."""

from designer.help.pages import kind_page
from designer.help.reader import HelpReader

__all__ = ["HelpReader", "kind_page"]
