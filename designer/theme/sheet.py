"""The style sheet: 4-px radius, 8-px grid, no gradients, one accent, a visible focus.

Widgets choose a part by a property: `role` of a QLabel is "title", "heading", "strong", "muted", "ok", "warning",
"error" or "letter" (a course letter), of a QFrame "card", "warning" or "error" (a notice with a coloured edge), of
a QLineEdit "title" (a heading that can be typed into); a button may be `primary` (filled with the accent) or `flat`
(text in the accent); a QToolButton of role "part" is one of a switch, of role "segment" one of the switch between
workspaces; a field whose text is not a value is `invalid`; a spin box may be `plain` (without arrows).
"""

from dataclasses import fields
from string import Template
from typing import Final

from designer.theme.colours import Theme

__all__ = ["style_sheet"]


def style_sheet(theme: Theme) -> str:
    """Return the application's style sheet with the theme's colours filled in."""
    return _SHEET.substitute({field.name: getattr(theme, field.name) for field in fields(theme)})


_SHEET: Final = Template("""
QMainWindow, QMainWindow::separator { background: $panel; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover, QSplitter::handle:hover { background: $accent; }
QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QToolTip, QLabel#rich_tip { background: $raised; color: $text; border: 1px solid $line; padding: 4px 6px; }

QFrame[frameShape="4"], QFrame[frameShape="5"] { color: $line; }
QLabel[role="title"] { font-size: 15px; font-weight: 600; }
QLabel[role="heading"] { color: $muted; font-size: 11px; font-weight: 500; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="muted"] { color: $muted; font-size: 12px; }
QLabel[role="ok"] { color: $ok_text; }
QLabel[role="warning"] { color: $warning_text; }
QLabel[role="error"] { color: $error_text; }
QLabel[role="letter"] { color: $accent; font-weight: 600; }
QFrame[role="card"], QFrame[role="cured"], QFrame[role="warning"], QFrame[role="error"] {
    background: $control; border: 1px solid $line; border-radius: 4px;
}
QFrame[role="cured"] { border-left: 3px solid $ok; }
QFrame[role="warning"] { border-left: 3px solid $warning; }
QFrame[role="error"] { border-left: 3px solid $error; }
QFrame[role="card"]:focus, QFrame[role="warning"]:focus, QFrame[role="error"]:focus {
    border-top-color: $accent; border-right-color: $accent; border-bottom-color: $accent;
}
QLabel[role="warning"], QLabel[role="error"] { background: transparent; border: none; }

QToolBar { background: $panel; border: none; border-bottom: 1px solid $line; padding: 4px; spacing: 4px; }
QToolBar::separator { background: $line; width: 1px; margin: 4px 8px; }
QToolBar::separator:vertical { width: auto; height: 1px; margin: 8px 4px; }
QStatusBar { background: $panel; color: $muted; border-top: 1px solid $line; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $muted; font-size: 12px; padding: 0 8px; }

QToolButton { color: $text; border: 1px solid transparent; border-radius: 4px; padding: 4px 8px; }
QToolButton:hover, QToolButton:open { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $selection; }
QToolButton:disabled { color: $faint; }
QToolButton:focus { border-color: $accent; }
QToolButton::menu-indicator { image: none; width: 0; }
QPushButton[role="choice"] { text-align: left; background: $control; border: 1px solid $line; border-radius: 4px; }
QPushButton[role="choice"]:hover { background: $hover; }
QPushButton[role="choice"]:checked { background: $selection; border-color: $accent; }
QPushButton[role="choice"]:focus { border-color: $accent; }
QToolButton[role="small"] { padding: 0; }
QToolButton[role="part"] { border-color: $line; border-radius: 0; padding: 2px 8px; color: $muted; }
QToolButton[role="part"]:checked { color: $text; font-weight: 600; }
QToolButton[role="part"]:focus { border-color: $accent; }
QToolButton[role="segment"] { border-color: $line; border-radius: 0; padding: 4px 12px; color: $muted; }
QToolButton[role="segment"]:checked { color: $text; font-weight: 600; border-bottom: 2px solid $accent; }
QToolButton[role="segment"]:focus { border-color: $accent; }
QToolButton[role="small"]:checked:!hover { background: transparent; }

QPushButton {
    background: $raised; color: $text; border: 1px solid $line; border-radius: 4px;
    padding: 0 12px; min-height: 24px;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed, QPushButton:checked { background: $selection; }
QPushButton:disabled { color: $faint; background: $panel; }
QPushButton:focus { border-color: $accent; }
QPushButton[primary="true"], QToolButton[primary="true"] {
    background: $primary; color: $on_primary; border: 1px solid $primary; font-weight: 600;
}
QToolButton[primary="true"] { padding: 4px 12px; }
QPushButton[primary="true"]:hover, QToolButton[primary="true"]:hover { background: $primary_hover; }
QPushButton[primary="true"]:focus, QToolButton[primary="true"]:focus { border-color: $text; }
QPushButton[primary="true"]:disabled, QToolButton[primary="true"]:disabled {
    background: $hover; color: $faint; border-color: $line;
}
QPushButton[flat="true"] {
    background: transparent; color: $accent; border-color: transparent; padding: 0 4px; font-weight: 600;
}
QPushButton[flat="true"]:hover { background: $hover; }
QPushButton[flat="true"]:focus { border-color: $accent; }
QPushButton[flat="true"]:disabled { color: $faint; }

QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit {
    background: $control; color: $text; border: 1px solid $line; border-radius: 4px;
    selection-background-color: $primary; selection-color: $on_primary;
}
QLineEdit, QAbstractSpinBox { padding: 0 6px; min-height: 26px; max-height: 26px; }
QComboBox { padding: 0 2px 0 8px; min-height: 26px; max-height: 26px; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit { border: none; padding: 0; min-height: 0; background: transparent; }
QLineEdit[role="title"] {
    background: transparent; border-color: transparent; border-radius: 0; padding: 0; font-size: 15px; font-weight: 600;
    border-width: 1px 0;
}
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { border-color: $track; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus {
    border-color: $accent;
}
QLineEdit[role="title"]:hover, QLineEdit[role="title"]:focus, QLineEdit[role="title"][invalid="true"] {
    border-top-color: transparent;
}
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $faint; background: $panel; }
QLineEdit[invalid="true"], QAbstractSpinBox[invalid="true"], QComboBox[invalid="true"] {
    color: $error_text; border-color: $error;
}

QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url(controls:chevron_down.svg); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line; outline: none; padding: 4px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; width: 18px; background: transparent; }
QAbstractSpinBox::up-button { subcontrol-position: top right; margin-top: 2px; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin-bottom: 2px; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $hover; }
QAbstractSpinBox::up-arrow { image: url(controls:chevron_up.svg); width: 10px; height: 10px; }
QAbstractSpinBox::down-arrow { image: url(controls:chevron_down.svg); width: 10px; height: 10px; }

QAbstractSpinBox[plain="true"]::up-button, QAbstractSpinBox[plain="true"]::down-button { width: 0; }
QAbstractSpinBox[plain="true"]::up-arrow, QAbstractSpinBox[plain="true"]::down-arrow { image: none; width: 0; }

QCheckBox, QRadioButton { spacing: 8px; min-height: 20px; }
QCheckBox:disabled, QRadioButton:disabled { color: $faint; }
QCheckBox::indicator {
    width: 28px; height: 16px; border: 1px solid transparent; border-radius: 9px;
    background: $track; image: url(controls:knob_off.svg);
}
QCheckBox::indicator:checked { background: $primary; image: url(controls:knob_on.svg); }
QCheckBox::indicator:disabled { background: $line; }
QCheckBox::indicator:focus { border-color: $text; }
QRadioButton::indicator { width: 12px; height: 12px; border: 2px solid $track; border-radius: 8px; }
QRadioButton::indicator:checked { border: 5px solid $primary; width: 6px; height: 6px; }
QRadioButton::indicator:focus { border-color: $text; }

QTabBar { background: $panel; }
QTabBar::tab {
    background: transparent; color: $muted; border: none; border-bottom: 2px solid transparent;
    padding: 7px 2px 6px 2px; margin: 0 8px;
}
QTabBar[tight="true"]::tab { margin: 0 2px; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:disabled { color: $faint; }
QTabBar:focus { outline: none; }
QTabBar::tab:selected:focus { background: $hover; }
QTabBar::close-button { image: url(controls:close.svg); }
QTabBar QToolButton { background: $panel; padding: 0; }
QTabWidget::pane { border: none; border-top: 1px solid $line; }
QDockWidget { titlebar-close-icon: url(controls:dock_close.svg); titlebar-normal-icon: url(controls:dock_float.svg); }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QDockWidget::title { background: $panel; padding: 8px 8px 4px 8px; border-bottom: 1px solid $line; }
QDockWidget::close-button, QDockWidget::float-button {
    border: none; border-radius: 4px; padding: 0; icon-size: 28px;
}
QDockWidget::close-button:hover, QDockWidget::float-button:hover { background: $hover; }

QMenuBar { background: $panel; }
QMenuBar::item { padding: 4px 8px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $raised; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $faint; }
QMenu::icon { padding-left: 8px; }
QMenu::indicator { width: 12px; height: 12px; margin-left: 8px; }
QMenu::indicator:checked { image: url(controls:check.svg); }
QMenu::right-arrow { image: url(controls:chevron_right.svg); width: 12px; height: 12px; margin-right: 6px; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }

QAbstractItemView {
    background: $panel; alternate-background-color: $raised; border: none; outline: none;
    selection-background-color: $selection; selection-color: $text;
}
QTreeView::item, QListView::item { min-height: 24px; padding: 1px 4px; border: 1px solid transparent; }
QListView::item { border-radius: 4px; }
QTreeView::item:hover, QListView::item:hover { background: $hover; }
QTreeView::item:selected, QListView::item:selected { background: $selection; color: $text; }
QListView::item:focus { border-color: $accent; }
QTreeView, QListView, QTableView { border: 1px solid $panel; }
QTreeView:focus, QListView:focus, QTableView:focus { border-color: $accent; }
QComboBox QAbstractItemView, QComboBox QAbstractItemView:focus { border: 1px solid $line; }
QTreeView::branch { background: transparent; }
QTreeView::branch:has-children:closed { image: url(controls:chevron_right.svg); }
QTreeView::branch:has-children:open { image: url(controls:chevron_down.svg); }
QHeaderView, QTableCornerButton::section { background: $panel; border: none; }
QHeaderView::section {
    background: $panel; color: $muted; border: none; border-bottom: 1px solid $line; padding: 4px 8px;
}
QTableView { gridline-color: $line; }
QTableView::item { padding: 0 5px; border: none; }

QProgressBar {
    background: $line; color: transparent; border: none; border-radius: 2px; min-height: 4px; max-height: 4px;
}
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QSlider::groove:horizontal { background: $track; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal {
    background: $text; border: 2px solid $panel; width: 12px; height: 12px; margin: -6px 0; border-radius: 8px;
}
QSlider::handle:horizontal:focus { background: $accent; }

QScrollArea { border: none; background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $line; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: $track; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
""")
