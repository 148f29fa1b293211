"""Pages of help: one for every kind of layer, made from its declaration, and one of shortcuts."""

from designer.help.pages import kind_page
from designer.help.reader import HelpReader
from designer.help.shortcut_page import ShortcutPage

__all__ = ["HelpReader", "ShortcutPage", "kind_page"]
