"""The start panel, the gallery and the tour."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.graph.edits import set_config, set_name
from core.graph.values import layers_by_id
from core.io.documents import save
from core.io.templates import load_template, template_names, templates
from designer import theme
from designer.palette import add_after_selection
from designer.session.preferences import load_preferences
from designer.start.gallery import Gallery


@pytest.fixture
def size(window):
    return window.size()


@pytest.fixture
def panel(window, size):
    window.greeting.greet_at_start()
    return window.greeting.panel


def test_the_start_panel_opens_a_template_and_goes(window, panel, size):
    assert panel.isVisible()
    assert window.size() == size
    panel.pictures["unet"].click()
    assert window.session.document.name == "U-Net"
    assert not panel.isVisible()


def test_esc_on_the_canvas_puts_the_start_panel_away(window, panel):
    window.session.select(["conv1"])
    window.greeting.greet()
    window.canvas.view.setFocus()
    QTest.keyClick(window.canvas.view, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert window.session.selection == ("conv1",)
    QTest.keyClick(window.canvas.view, Qt.Key.Key_Escape)  # which means what it always does
    assert window.session.selection == ()


class TestRoom:
    @pytest.mark.parametrize("size", [(960, 600), (1280, 720), (1600, 1000)])
    def test_it_stands_over_the_canvas_and_nothing_makes_room_for_it(self, make_window, qtbot, size):
        window = make_window(size=size)
        qtbot.wait(50)
        before = window.canvas.geometry(), window.canvas.view.zoom
        window.greeting.greet()
        panel = window.greeting.panel
        assert (window.canvas.geometry(), window.canvas.view.zoom) == before
        assert window.canvas.rect().contains(panel.geometry())
        assert window.canvas.rect().center().x() == pytest.approx(panel.geometry().center().x(), abs=2)

    def test_it_shows_as_many_templates_as_there_is_room_for(self, make_window, qtbot):
        window = make_window(size=(1600, 1000))
        window.greeting.greet()
        panel = window.greeting.panel
        shown = [button for button in panel.pictures.values() if button.isVisible()]
        window.resize(1280, 720)
        qtbot.waitUntil(lambda: window.canvas.rect().contains(panel.geometry()))
        fewer = [button for button in panel.pictures.values() if button.isVisible()]
        assert 0 < len(fewer) < len(shown) == 4
        window.resize(1600, 1000)
        qtbot.waitUntil(lambda: all(button.isVisible() for button in shown))


def test_it_goes_when_a_layer_is_chosen(window, panel):
    window.session.select(["conv1"])
    assert not panel.isVisible()


def test_it_goes_when_training_begins(window, panel, qtbot):
    with qtbot.waitSignal(window.run.started, timeout=20_000):
        window.train_bar.train_or_pause()
    assert not panel.isVisible()
    window.run.stop_and_wait()


def test_every_template_of_the_start_panel_has_a_picture(panel):
    assert len(panel.pictures) == 4
    assert not any(button.icon().isNull() for button in panel.pictures.values())


def test_recent_files_are_opened_from_it(window, tmp_path, qtbot):
    path = tmp_path / "mine.json"
    save(load_template("mlp"), path)
    window.files.open(path)
    window.files.open_template("lenet5")
    window.actions_by_id["greet"].trigger()
    panel = window.greeting.panel
    qtbot.waitUntil(panel.isVisible)
    (button,) = [panel._files.itemAt(i).widget() for i in range(panel._files.count() - 1)]
    assert button.text() == "mine.json"
    button.click()
    assert window.session.path == path


def test_it_goes_when_one_has_begun_and_can_be_dismissed_for_good(window, panel):
    session = window.session
    session.edit("widen", set_config(session.document, "fc1", {"units": 99}))
    assert not panel.isVisible()
    window.actions_by_id["greet"].trigger()
    assert panel.at_start.isChecked()
    panel.at_start.click()
    panel.close_button.click()
    assert not panel.isVisible()
    window.preferences.save()
    assert not load_preferences().welcome
    window.greeting.greet_at_start()
    assert not panel.isVisible()
    window.actions_by_id["greet"].trigger()
    assert panel.isVisible()
    panel.at_start.click()
    assert window.preferences.now.welcome


class TestGallery:
    @pytest.fixture
    def gallery(self, qtbot):
        made = Gallery(templates())
        qtbot.addWidget(made)
        made.show()
        return made

    def test_every_template_is_there_with_its_picture(self, gallery):
        assert gallery.list.count() == len(template_names())
        assert not any(gallery.list.item(row).icon().isNull() for row in range(gallery.list.count()))

    def test_searching_finds_by_name_group_and_description(self, gallery, qtbot):
        chosen = []
        gallery.chosen.connect(chosen.append)
        qtbot.keyClicks(gallery.search, "u-net")
        assert gallery.current == "unet"
        assert "parameters" in gallery.about.text()
        QTest.mouseClick(gallery.open_button, Qt.MouseButton.LeftButton)
        assert chosen == ["unet"]

    def test_what_is_not_there_cannot_be_opened(self, gallery, qtbot):
        qtbot.keyClicks(gallery.search, "zzzz")
        assert gallery.current is None
        assert not gallery.open_button.isEnabled()
        gallery.search.clear()
        assert gallery.open_button.isEnabled()


class TestTour:
    @pytest.fixture
    def tour(self, window, panel, monkeypatch):
        monkeypatch.setattr("designer.start.tour.REST_MS", 0)
        panel.tour.click()
        return window.greeting.tour

    def test_doing_what_it_says_goes_on(self, window, tour, qtbot):
        assert tour.isVisible()
        assert tour.at == 0
        with qtbot.waitSignal(window.run.started, timeout=20_000):
            window.actions_by_id["train_or_pause"].trigger()
        qtbot.waitUntil(lambda: tour.at == 1)
        window.session.select(["conv1"])
        qtbot.waitUntil(lambda: tour.at == 2)
        session = window.session
        session.edit("widen", set_config(session.document, "conv1", {"filters": 8}))
        qtbot.waitUntil(lambda: tour.at == 3)
        add_after_selection(window.scope, "Dropout")
        qtbot.waitUntil(lambda: tour.at == -1)
        assert not tour.isVisible()
        window.run.stop()

    def test_doing_something_else_does_not(self, window, tour, qtbot):
        session = window.session
        tour.next_button.click()
        session.select(["conv1"])
        session.select([])  # the last word before it could go on
        qtbot.wait(50)
        assert tour.at == 1
        tour.next_button.click()
        session.edit("widen", set_config(session.document, "fc1", {"units": 9}))
        session.edit("rename the network", set_name(session.document, "other"))
        qtbot.wait(50)
        assert tour.at == 2
        tour.next_button.click()
        session.edit("widen", set_config(session.document, "fc1", {"units": 10}))
        qtbot.wait(50)
        assert tour.at == 3

    def test_it_selects_the_layer_it_speaks_of_and_points_at_its_field(self, window, tour):
        tour.next_button.click()
        assert "conv1" in tour.words.text()
        tour.next_button.click()
        assert window.session.selection == ("conv1",)
        row = window.inspector.layer_page.form.rows["kernel_size"]
        field = QRect(row.mapTo(window, QPoint(0, 0)), row.size())
        assert tour._highlight.geometry().contains(field)
        assert not tour.geometry().intersects(field)
        assert "settings of conv1" in tour.words.text()

    def test_it_speaks_of_the_layer_that_the_user_has_clicked(self, window, tour, qtbot):
        tour.next_button.click()
        window.session.select(["fc2"])
        qtbot.waitUntil(lambda: tour.at == 2)
        assert "settings of fc2" in tour.words.text()
        assert window.session.selection == ("fc2",)

    def test_what_is_done_is_seen_for_a_while_and_typing_can_go_on(self, window, tour, qtbot):
        tour.next_button.click()
        tour.next_button.click()
        tour._rest.setInterval(10_000)
        editor = window.inspector.layer_page.form.rows["kernel_size"].editor
        editor.setFocus()
        editor.selectAll()
        qtbot.keyClicks(editor, "11")
        assert tour.count.text() == "3 of 4 · done"
        assert layers_by_id(window.session.document.graph)["conv1"].config["kernel_size"] == 11
        assert editor.hasFocus()
        tour._go_on_alone()
        assert tour.at == 3
        assert editor.hasFocus()

    @pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
    def test_enter_presses_its_buttons(self, key, window, tour, qtbot):
        for stop in range(4):
            assert tour.at == stop
            qtbot.keyClick(QApplication.focusWidget(), key)
        assert tour.at == -1
        tour.begin()
        tour.end_button.setFocus()
        qtbot.keyClick(QApplication.focusWidget(), key)
        assert tour.at == -1

    def test_without_layers_it_still_leads_through(self, window, tour):
        window.files.new()
        for stop in range(4):
            assert tour.at == stop
            tour.next_button.click()
        assert tour.at == -1

    def test_with_a_closed_inspector_it_stays_in_the_window(self, window, tour):
        window.docks["inspector"].close()
        for _ in range(2):
            tour.next_button.click()
        assert window.rect().contains(tour.geometry())

    def test_the_buttons_and_esc_lead_through_and_out(self, window, tour, qtbot):
        tour.next_button.click()
        assert tour.count.text() == "2 of 4"
        window.session.select(["conv1"])
        qtbot.waitUntil(lambda: tour.at == 2)
        QTest.keyClick(tour, Qt.Key.Key_Escape)
        assert tour.at == -1
        window.session.select(["conv2"])  # what is done later goes on with nothing
        qtbot.wait(20)
        assert tour.at == -1
        tour.begin()
        for _ in range(4):
            tour.next_button.click()
        assert tour.at == -1

    def test_every_stop_stands_within_the_window(self, window, tour):
        for _ in range(4):
            assert window.rect().contains(tour.geometry())
            tour.next_button.click()


def test_the_pictures_of_templates_follow_the_theme(window):
    button = window.greeting.panel.pictures["lenet5"]

    def ground():
        return button.icon().pixmap(button.iconSize()).toImage().pixelColor(1, 1).lightnessF()

    assert ground() < 0.2
    theme.set_theme("light")
    assert ground() > 0.8
    theme.set_theme("dark")
