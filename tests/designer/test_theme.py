"""The look: readable in both themes, the same on every machine, and told to everyone when it changes."""

import re
from collections import Counter
from typing import ClassVar

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QIcon, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from designer import theme
from designer.theme import colormaps
from designer.theme.colours import luminance
from designer.theme.plain_text import PlainTextStyle
from designer.theme.sheet import style_sheet
from resources import path

THEMES = [theme.DARK, theme.LIGHT, theme.CONTRAST]
ICONS = sorted(file.stem for file in path("icons").glob("*.svg"))
every_theme = pytest.mark.parametrize("look", THEMES, ids=lambda look: look.name)


@pytest.fixture(autouse=True)
def _dark(qapp):
    theme.set_theme("dark")
    yield
    theme.set_theme("dark")


def pixels(image):
    """Pixels of a QImage as an array (height, width, RGBA)."""
    image = image.convertToFormat(image.Format.Format_RGBA8888)
    return np.array(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)


def shows(image, colour):
    """Number of pixels of exactly this colour."""
    rgb = [QColor(colour).red(), QColor(colour).green(), QColor(colour).blue()]
    return int((pixels(image)[..., :3] == rgb).all(axis=-1).sum())


class TestColours:
    @pytest.mark.parametrize(("one", "other", "ratio"), [("#767676", "#ffffff", 4.54), ("#0000ff", "#000000", 2.44)])
    def test_contrast_is_that_of_the_guidelines(self, one, other, ratio):
        assert theme.contrast(one, other) == theme.contrast(other, one) == pytest.approx(ratio, abs=0.005)

    @every_theme
    @pytest.mark.parametrize("ground", ["window", "panel", "canvas", "card", "control", "raised", "hover", "selection"])
    @pytest.mark.parametrize("ink", ["text", "muted"])
    def test_text_is_readable(self, look, ink, ground):
        assert theme.contrast(getattr(look, ink), getattr(look, ground)) >= 4.5

    @every_theme
    @pytest.mark.parametrize("ground", ["window", "panel", "canvas", "card", "control", "hover"])
    @pytest.mark.parametrize("ink", ["accent", "ok_text", "warning_text", "error_text"])
    def test_coloured_text_is_readable(self, look, ink, ground):
        assert theme.contrast(getattr(look, ink), getattr(look, ground)) >= 4.5

    @pytest.mark.parametrize("ground", ["window", "panel", "canvas", "card", "control", "raised", "hover", "selection"])
    @pytest.mark.parametrize("ink", ["text", "muted", "accent", "ok_text", "warning_text", "error_text"])
    def test_high_contrast_is_high(self, ink, ground):
        assert theme.contrast(getattr(theme.CONTRAST, ink), getattr(theme.CONTRAST, ground)) >= 7

    @every_theme
    def test_the_primary_button_is_readable(self, look):
        assert theme.contrast(look.on_primary, look.primary) >= 4.5
        assert theme.contrast(look.on_primary, look.primary_hover) >= 4.5

    @every_theme
    def test_switches_stand_out(self, look):
        assert theme.contrast(look.track, look.panel) >= 3

    def test_every_family_has_a_colour_and_an_icon(self):
        families = {"input", "convolution", "pooling", "activation", "normalisation", "dense", "merge"}
        assert set(theme.DARK.families) == set(theme.LIGHT.families) == families
        assert families <= set(ICONS)

    def test_one_theme_is_dark(self):
        assert theme.DARK.is_dark
        assert not theme.LIGHT.is_dark


class TestFont:
    @pytest.mark.parametrize("weight", [400, 500, 600])
    def test_it_is_the_shipped_cut_with_tabular_figures(self, weight):
        font = theme.font(13, weight)
        info, metrics = QFontInfo(font), QFontMetricsF(font)
        assert (info.family(), info.weight(), info.pixelSize()) == ("Inter", weight, 13)
        assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("8888")

    def test_the_typography_of_our_texts_is_in_it(self):
        metrics = QFontMetricsF(theme.font())
        assert all(metrics.inFontUcs4(ord(letter)) for letter in "×·−–…→≥≤≠²½αβγσ′√Σ∞⌈⌉▶")

    def test_changing_one_leaves_the_others_alone(self):
        theme.font().setPixelSize(99)
        assert theme.font().pixelSize() == 13

    def test_its_licence_lies_beside_it(self):
        licence = path("fonts/OFL.txt").read_text(encoding="utf-8")
        assert licence.startswith("Copyright (c) 2016-2022 The Inter Project Authors")
        assert "SIL OPEN FONT LICENSE Version 1.1" in licence


class TestIcons:
    @pytest.mark.parametrize("name", [name for name in ICONS if name != "app"])
    def test_each_is_drawn_in_the_colour_asked_for(self, name):
        image = theme.icon(name, "#ff0000").pixmap(QSize(24, 24)).toImage()
        drawn = pixels(image)[pixels(image)[..., 3] > 200]
        assert len(drawn) > 8
        assert (drawn[:, 0] > 250).all()
        assert (drawn[:, 1:3] < 5).all()

    @pytest.mark.parametrize("size_px", [16, 20, 24])
    @pytest.mark.parametrize("scale", [1.0, 2.0])
    def test_they_are_drawn_for_the_screen_not_stretched(self, size_px, scale):
        pixmap = theme.icon("save").pixmap(QSize(size_px, size_px), scale)
        assert pixmap.width() == size_px * scale
        assert pixmap.devicePixelRatio() == scale

    def test_they_follow_the_theme(self):
        for choice, look in (("dark", theme.DARK), ("light", theme.LIGHT)):
            theme.set_theme(choice)
            icon = theme.icon("stop")
            assert shows(icon.pixmap(QSize(24, 24)).toImage(), look.text) > 50
            assert shows(icon.pixmap(QSize(24, 24), QIcon.Mode.Disabled).toImage(), look.faint) > 50

    def test_a_chosen_row_does_not_wash_them_out(self):
        image = theme.icon("stop").pixmap(QSize(24, 24), QIcon.Mode.Selected).toImage()
        assert shows(image, theme.DARK.text) > 50

    def test_the_app_icon_is_in_colour_at_every_size(self):
        for size in (16, 32, 64, 256):
            pixmap = theme.app_icon().pixmap(QSize(size, size), 1.0)
            assert pixmap.width() == size
            assert len(np.unique(pixels(pixmap.toImage()).reshape(-1, 4), axis=0)) > 4

    def test_a_missing_one_says_so(self):
        with pytest.raises(FileNotFoundError, match=r"icons/unicorn\.svg is missing"):
            theme.icon("unicorn")


class TestStyle:
    @every_theme
    def test_the_sheet_is_complete(self, look):
        sheet = style_sheet(look)
        assert "$" not in sheet
        pictures = re.findall(r"url\(controls:([^)]+)\)", sheet)
        assert pictures
        for picture in pictures:
            path(f"icons/controls/{picture}")

    def test_the_buttons_of_dialogs_have_no_icons(self, qtbot):
        theme.set_theme("dark")
        box = QDialogButtonBox()
        qtbot.addWidget(box)
        box.ensurePolished()
        assert not box.style().styleHint(QStyle.StyleHint.SH_DialogButtonBox_ButtonsHaveIcons, None, box)

    @pytest.mark.parametrize("choice", ["dark", "light"])
    def test_the_palette_is_always_set(self, qapp, choice):
        theme.set_theme(choice)
        look = theme.current()
        assert qapp.palette().color(QPalette.ColorRole.Window).name() == look.panel
        assert qapp.palette().color(QPalette.ColorRole.Text).name() == look.text
        disabled = qapp.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
        assert disabled.name() == look.faint

    def test_fields_are_equally_high(self, qtbot):
        form = QWidget()
        qtbot.addWidget(form)
        layout = QVBoxLayout(form)
        fields = [QLineEdit(), QSpinBox(), QDoubleSpinBox(), QComboBox()]
        for field in fields:
            layout.addWidget(field)
        form.resize(300, 400)
        form.show()
        assert {field.height() for field in fields} == {28}

    @pytest.mark.parametrize("kind", [QLineEdit, QPushButton, QCheckBox, QComboBox])
    @pytest.mark.parametrize("choice", ["dark", "light"])
    def test_focus_is_visible(self, qtbot, kind, choice):
        theme.set_theme(choice)
        form = QWidget()
        qtbot.addWidget(form)
        layout = QVBoxLayout(form)
        other, control = QPushButton("other"), kind()
        layout.addWidget(other)
        layout.addWidget(control)
        form.show()
        form.activateWindow()
        qtbot.waitUntil(form.isActiveWindow)
        colour = theme.current().text if kind is QCheckBox else theme.current().accent
        other.setFocus()
        without = shows(control.grab().toImage(), colour)
        control.setFocus()
        assert shows(control.grab().toImage(), colour) >= without + 15

    @pytest.mark.parametrize("choice", ["dark", "light"])
    def test_a_check_box_is_a_switch(self, qtbot, choice):
        theme.set_theme(choice)
        box = QCheckBox()
        qtbot.addWidget(box)
        box.resize(40, 24)
        knob = []
        for checked, track in ((False, theme.current().track), (True, theme.current().primary)):
            box.setChecked(checked)
            image = box.grab().toImage()
            assert shows(image, track) > 100
            knob.append(np.argwhere((pixels(image)[9:15, 4:26, :3] == 255).all(axis=-1))[:, 1].mean())
        assert knob[1] - knob[0] == pytest.approx(12, abs=1.5)

    def test_a_mark_shows_at_once(self, qtbot):
        field, button = QLineEdit("six"), QPushButton("Train")
        for widget in (field, button):
            qtbot.addWidget(widget)
            widget.ensurePolished()
        theme.mark(field, "invalid", True)
        theme.mark(button, "primary", True)
        assert shows(field.grab().toImage(), theme.DARK.error) > 50
        assert shows(button.grab().toImage(), theme.DARK.primary) > 200
        theme.mark(field, "invalid", False)
        assert shows(field.grab().toImage(), theme.DARK.error) == 0

    def test_a_spin_box_begins_where_a_line_edit_does(self, qtbot):
        carets = []
        for field in (QLineEdit("8"), QSpinBox(value=8), QDoubleSpinBox(value=8)):
            qtbot.addWidget(field)
            if not isinstance(field, QLineEdit):
                theme.inset(field)
            field.resize(120, 28)
            field.show()
            ink = np.abs(pixels(field.grab().toImage())[6:22, 3:60, :3].astype(int) - [0x14, 0x17, 0x1D]).sum(axis=-1)
            carets.append(np.argwhere(ink.max(axis=0) > 200).min())
        assert max(carets) - min(carets) <= 1


class TestHub:
    def test_a_change_is_told_once_and_after_the_palette(self, qapp, qtbot):
        seen = []

        def note(look):
            seen.append((look, theme.current(), qapp.palette().color(QPalette.ColorRole.Window).name()))

        theme.changed.connect(note)
        try:
            for choice in ("dark", "light", "light", "dark"):
                theme.set_theme(choice)
        finally:
            theme.changed.disconnect(note)
        assert seen == [(look, look, look.panel) for look in (theme.LIGHT, theme.DARK)]

    def test_the_choice_is_kept_apart_from_what_it_leads_to(self, qapp):
        theme.set_theme("system")
        assert theme.choice() == "system"
        light = qapp.styleHints().colorScheme() == Qt.ColorScheme.Light
        assert theme.current() is (theme.LIGHT if light else theme.DARK)


def lightness(table):
    return np.array([luminance("#" + bytes(colour[:3]).hex()) for colour in table])


class TestColourMaps:
    def test_tables_are_256_opaque_colours_that_nobody_can_spoil(self):
        for table in (colormaps.ACTIVATIONS, *(colormaps.weights(look) for look in THEMES)):
            assert (table.shape, table.dtype) == ((256, 4), np.uint8)
            assert (table[:, 3] == 255).all()
            with pytest.raises(ValueError, match="read-only"):
                table[0] = 0

    def test_activations_grow_lighter_all_the_way(self):
        steps = np.diff(lightness(colormaps.ACTIVATIONS))
        assert (steps > 0).all()
        assert theme.contrast("#0d1126", "#fff2a0") > 15

    @every_theme
    def test_weights_leave_zero_in_both_directions(self, look):
        table = colormaps.weights(look)
        away = 1 if look.is_dark else -1
        light = lightness(table) * away
        assert (np.diff(light[128:]) > 0).all()
        assert (np.diff(light[:128]) < 0).all()
        assert abs(light[0] - light[-1]) < 0.1
        assert theme.contrast("#" + bytes(table[128][:3]).hex(), look.panel) < 1.15

    @every_theme
    def test_signs_differ_without_red_and_green(self, look):
        table = colormaps.weights(look).astype(int)
        assert (table[:100, 0] > table[:100, 2] + 10).all(), "negative is more red than blue"
        assert (table[156:, 2] > table[156:, 0] + 10).all(), "positive is more blue than red"

    def test_numbers_find_their_place(self):
        table = colormaps.ACTIVATIONS
        shown = colormaps.colourise([[-9.0, 0.0, 1.0], [2.0, 9.0, np.inf]], table, 0.0, 2.0)
        assert (shown.shape, shown.dtype) == ((2, 3, 4), np.uint8)
        np.testing.assert_array_equal(shown, table[[[0, 0, 128], [255, 255, 255]]])

    def test_not_a_number_is_a_colour_of_its_own(self):
        shown = colormaps.colourise([np.nan, 0.5], colormaps.ACTIVATIONS, 0.0, 1.0)
        np.testing.assert_array_equal(shown[0], colormaps.NOT_A_NUMBER)
        for table in (colormaps.ACTIVATIONS, *(colormaps.weights(look) for look in THEMES)):
            assert np.abs(table.astype(int) - colormaps.NOT_A_NUMBER).sum(axis=1).min() > 100

    def test_nothing_but_zeros_is_dark_for_activations_and_neutral_for_weights(self):
        zeros = np.zeros((4, 4), np.float32)
        np.testing.assert_array_equal(
            colormaps.colourise(zeros, colormaps.ACTIVATIONS, 0.0, 0.0)[0, 0], [13, 17, 38, 255]
        )
        limit = colormaps.symmetric_limit(zeros)
        neutral = colormaps.colourise(zeros, colormaps.weights(theme.DARK), -limit, limit)[0, 0]
        assert theme.contrast("#" + bytes(neutral[:3]).hex(), theme.DARK.panel) < 1.15

    def test_the_limit_heeds_only_finite_numbers(self):
        assert colormaps.symmetric_limit([0.5, -2.0, np.nan, -np.inf]) == 2.0
        assert colormaps.symmetric_limit([]) == 1.0

    def test_the_array_shown_stays_as_it_was(self):
        values = np.array([[np.nan, 3.0]], np.float32)
        kept = values.copy()
        colormaps.colourise(values, colormaps.ACTIVATIONS, 0.0, 1.0)
        np.testing.assert_array_equal(values, kept)


class CountingStyle(PlainTextStyle):
    """Counts how often each label is polished."""

    polished: ClassVar = Counter()

    def polish(self, target):
        super().polish(target)
        if isinstance(target, QLabel):
            self.polished[target.text()] += 1


def test_a_switch_polishes_each_widget_about_once(qapp, qtbot, monkeypatch):
    monkeypatch.setattr("designer.theme.style.PlainTextStyle", CountingStyle)
    qapp.setStyleSheet("")  # only then is another style made
    theme.set_theme("dark")
    outer = inner = QWidget()
    qtbot.addWidget(outer)
    for i in range(8):
        inner = QWidget(inner)
        QLabel(f"label {i}", inner)
    outer.show()
    CountingStyle.polished.clear()
    theme.set_theme("light")
    # widgets of other tests may not have been collected yet, and are polished too
    polished = [CountingStyle.polished[f"label {i}"] for i in range(8)]
    assert min(polished) >= 1
    assert max(polished) <= 2
    monkeypatch.undo()
    qapp.setStyleSheet("")
    theme.set_theme("dark")
