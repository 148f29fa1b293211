"""The list of problems: what it says, where it leads, and what its buttons do."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QCursor, QEnterEvent, QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from core.analysis.advice import DEFAULT_ADVICE
from core.graph.edits import add_layer, connect, rename_layer, set_config
from core.graph.values import Document
from core.problems import Fix
from designer import theme
from designer.problems import ProblemsPanel
from designer.problems.card import FixButton, ProblemCard
from designer.problems.problems_panel import AT_ONCE
from designer.session import Session


@pytest.fixture(autouse=True)
def _dark(qapp):
    theme.set_theme("dark")
    yield
    theme.set_theme("dark")


def valid():
    document, source = add_layer(Document(), "Input", {"shape": [28, 28, 1]})
    document, source = add_layer(document, "Conv2D", {"filters": 6, "kernel_size": 5}, source=source)
    return add_layer(document, "ReLU", source=source)[0]


def wrong():
    """An error of conv1, and advice about relu1."""
    return set_config(set_config(valid(), "conv1", {"stride": 5}), "relu1", {"slop": 1})


@pytest.fixture
def shown(qtbot):
    # Where another test left the mouse, a button may lie: it would be hovered over from the start.
    QCursor.setPos(QPoint(790, 790))

    def show(document):
        session = Session(document)
        panel = ProblemsPanel(session)
        qtbot.addWidget(panel)
        panel.resize(900, 300)
        with qtbot.waitActive(panel):
            panel.show()
            panel.activateWindow()
        return session, panel

    return show


def settle(panel):
    """Let the layout come to rest: heights of wrapped texts follow widths a few events later."""
    last = None
    for _ in range(50):
        QApplication.processEvents()
        now = [(card.geometry(), [button.pos() for button in card.buttons]) for card in panel.cards.cards]
        if now == last:
            return
        last = now


def sentences(panel):
    return [card.what.text() for card in panel.cards.cards]


def test_errors_come_first_each_with_a_sign_that_is_not_only_a_colour(shown):
    session, panel = shown(wrong())
    assert sentences(panel) == [problem.what for problem in session.report.problems]
    assert panel.counts == (1, 1)
    first, second = panel.cards.cards
    assert first.what.accessibleName().startswith("Error: ")
    assert second.what.accessibleName().startswith("Advice: ")
    assert first.icon.pixmap().toImage() != second.icon.pixmap().toImage()
    assert panel.state.text() == "1 error · 1 piece of advice"


def test_nothing_wrong_says_so(shown):
    session, panel = shown(valid())
    assert panel.state.isVisible()
    assert panel.state.text().startswith("No problems.")
    session.open(Document(), None)
    assert not panel.cards.isVisible() or session.report.problems


def asked_for_a_tip(widget, at=None):
    """Rest the mouse on a widget; return the tooltip that comes of it."""
    QToolTip.hideText()
    at = widget.rect().center() if at is None else at
    child = widget.childAt(at) or widget
    local = child.mapFrom(widget, at)
    QApplication.sendEvent(child, QHelpEvent(QEvent.Type.ToolTip, local, child.mapToGlobal(local)))
    return QToolTip.text() if QToolTip.isVisible() else ""


def enter(button):
    middle = QPointF(button.rect().center())
    QApplication.sendEvent(button, QEnterEvent(middle, middle, QPointF(button.mapToGlobal(middle.toPoint()))))


class TestTips:
    def test_a_card_says_where_it_leads(self, shown):
        _, panel = shown(wrong())
        settle(panel)
        assert asked_for_a_tip(panel.cards.cards[0].what) == "Go to conv1"

    def test_no_tip_covers_what_a_fix_would_change(self, shown):
        _, panel = shown(wrong())
        settle(panel)
        card = panel.cards.cards[0]
        for button in card.buttons:
            enter(button)
            assert card.outcome.text()
            assert asked_for_a_tip(button) == ""
            assert asked_for_a_tip(card.outcome) == ""

    def test_one_that_is_there_goes_when_a_fix_is_considered(self, shown, qtbot):
        _, panel = shown(wrong())
        settle(panel)
        card = panel.cards.cards[0]
        assert asked_for_a_tip(card.what)
        enter(card.buttons[0])
        qtbot.waitUntil(lambda: not QToolTip.isVisible(), timeout=2000)

    def test_a_shortened_label_is_told_whole_in_the_status_bar(self, qtbot):
        whole = f"Set padding of {'l' * 300} to 1"
        button, brief = FixButton(Fix(whole, ())), FixButton(Fix("Set padding to 1", ()))
        for made in (button, brief):
            qtbot.addWidget(made)
        assert button.text() != whole
        assert (button.statusTip(), brief.statusTip()) == (whole, "")


def test_the_count_is_told_when_it_changes(shown, qtbot):
    session, panel = shown(valid())
    with qtbot.waitSignal(panel.count_changed) as told:
        session.edit("break", wrong())
    assert told.args == [1, 1]
    with qtbot.assertNotEmitted(panel.count_changed):
        session.edit("name", set_config(session.document, "relu1", {"slop": 2}))


def test_it_counts_while_it_is_hidden_and_is_up_to_date_when_shown(shown):
    session, panel = shown(valid())
    panel.hide()
    session.edit("break", wrong())
    assert panel.counts == (1, 1)
    assert sentences(panel) == []
    panel.show()
    assert len(sentences(panel)) == 2


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_it_leads_to_the_layer(by, shown, qtbot):
    session, panel = shown(wrong())
    card = panel.cards.cards[1]
    with qtbot.waitSignal(panel.reveal_requested) as told:
        if by == "mouse":
            qtbot.mouseClick(card.what, Qt.MouseButton.LeftButton)
        else:
            card.setFocus()
            qtbot.keyClick(card, Qt.Key.Key_Return)
    assert told.args == ["relu1"]
    assert session.selection == ("relu1",)


def test_a_fix_is_previewed_below_the_mouse_and_applied_by_a_click(shown, qtbot):
    session, panel = shown(wrong())
    card = panel.cards.cards[0]
    button = card.buttons[0]
    at = QPointF(5, 5)
    QApplication.sendEvent(button, QEnterEvent(at, at, QPointF(button.mapToGlobal(QPoint(5, 5)))))
    assert "no errors left" in card.outcome.text()
    height = card.height()
    QApplication.sendEvent(button, QEvent(QEvent.Type.Leave))
    assert card.outcome.text() == ""
    assert card.height() == height
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert session.report.valid
    assert [p.severity for p in session.report.problems] == ["advice"]
    assert len(sentences(panel)) == 1
    session.undo()
    assert len(sentences(panel)) == 2


def test_cards_of_problems_that_stay_are_the_same_widgets(shown):
    session, panel = shown(wrong())
    kept = panel.cards.cards[1]
    session.edit("mend", set_config(session.document, "conv1", {"stride": 1}))
    assert panel.cards.cards == [kept]


def flood(n=130):
    document = Document()
    for _ in range(n):
        document, _ = add_layer(document, "ReLU")
    return add_layer(document, "Input", {"shape": [4]})[0]


class TestFlood:
    def test_only_cards_near_what_is_in_sight_are_made(self, shown):
        session, panel = shown(flood())
        assert len(session.report.problems) > AT_ONCE
        assert len(panel.cards.cards) == AT_ONCE
        session.edit("one more", add_layer(session.document, "ReLU")[0])
        assert len(panel.cards.cards) == AT_ONCE

    def test_all_can_be_scrolled_to(self, shown):
        session, panel = shown(flood())
        settle(panel)
        bar = panel.verticalScrollBar()
        seen = []
        while True:
            for card in panel.cards.cards:
                in_sight = (
                    panel.viewport().rect().intersects(card.rect().translated(card.mapTo(panel.viewport(), QPoint())))
                )
                if in_sight and card.problem not in seen:
                    seen.append(card.problem)
            before = bar.value()
            bar.setValue(before + 150)
            settle(panel)
            if bar.value() == before:
                break
        assert seen == list(session.report.problems)

    def test_scrolling_moves_cards_by_what_is_scrolled(self, shown):
        _, panel = shown(flood())
        settle(panel)
        bar = panel.verticalScrollBar()
        while panel.cards.cards[0].problem == panel.session.report.problems[0]:
            card = next(c for c in panel.cards.cards if c.mapTo(panel.viewport(), QPoint()).y() > 150)
            before = card.mapTo(panel.viewport(), QPoint()).y()
            bar.setValue(bar.value() + 50)
            settle(panel)
            assert card.mapTo(panel.viewport(), QPoint()).y() == before - 50

    def test_a_jump_to_the_end_shows_the_last_problem(self, shown):
        session, panel = shown(flood())
        settle(panel)
        bar = panel.verticalScrollBar()
        bar.setValue(bar.maximum())
        settle(panel)
        bar.setValue(bar.maximum())
        settle(panel)
        last = panel.cards.cards[-1]
        assert last.problem == session.report.problems[-1]
        assert panel.viewport().rect().contains(last.mapTo(panel.viewport(), last.rect().center()))
        bar.setValue(0)
        settle(panel)
        assert panel.cards.cards[0].problem == session.report.problems[0]

    def test_the_tab_key_goes_from_card_to_card_beyond_those_made_at_first(self, shown, qtbot):
        session, panel = shown(flood(60))
        settle(panel)
        panel.cards.cards[0].setFocus()
        met = []
        for _ in range(2000):
            card = QApplication.focusWidget()
            if isinstance(card, ProblemCard) and card.problem not in met:
                met.append(card.problem)
            if len(met) == len(session.report.problems):
                break
            qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
            settle(panel)
        assert met == list(session.report.problems)

    def test_when_most_are_solved_the_rest_is_shown(self, shown):
        session, panel = shown(flood())
        panel.verticalScrollBar().setValue(panel.verticalScrollBar().maximum())
        session.edit("start again", wrong())
        settle(panel)
        assert sentences(panel) == [problem.what for problem in session.report.problems]
        assert not panel.above.isVisible()
        assert not panel.below.isVisible()


@pytest.mark.parametrize("width", [240, 360, 900])
def test_cards_are_never_wider_than_the_panel(width, shown):
    _, panel = shown(wrong())
    panel.resize(width, 300)
    for card in panel.cards.cards:
        assert card.width() <= panel.viewport().width()
        assert all(card.rect().contains(button.mapTo(card, button.rect().bottomRight())) for button in card.buttons)


def test_the_outcome_takes_room_only_while_it_is_looked_at_and_moves_no_button(qtbot, shown):
    _, panel = shown(wrong())
    panel.resize(330, 500)
    card = panel.cards.cards[0]
    settle(panel)
    compact, places = card.height(), [button.pos() for button in card.buttons]
    assert compact - card.buttons[-1].mapTo(card, card.buttons[-1].rect().bottomLeft()).y() < 10
    panel.activateWindow()
    card.buttons[0].setFocus(Qt.FocusReason.TabFocusReason)
    QApplication.processEvents()
    assert card.outcome.isVisible()
    qtbot.waitUntil(lambda: card.height() > compact)
    settle(panel)
    assert [button.pos() for button in card.buttons] == places
    card.setFocus()
    QApplication.processEvents()
    assert not card.outcome.isVisible()
    qtbot.waitUntil(lambda: card.height() == compact)


def test_cards_do_not_move_below_the_mouse_until_it_leaves_them(qtbot, shown):
    _, panel = shown(wrong())
    panel.resize(330, 500)
    panel.cards.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    first, second = panel.cards.cards
    settle(panel)
    button, before = first.buttons[0], second.y()
    QApplication.sendEvent(button, QEnterEvent(QPointF(1, 1), QPointF(1, 1), QPointF(1, 1)))
    qtbot.waitUntil(lambda: second.y() > before)
    settle(panel)
    low = second.y()
    QApplication.sendEvent(button, QEvent(QEvent.Type.Leave))
    settle(panel)
    assert first.outcome.text() == ""
    assert second.y() == low
    QApplication.sendEvent(panel.cards, QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(lambda: second.y() < low)


def test_a_very_long_name_is_cut_in_sentences_and_told_when_pointed_at(shown):
    _, panel = shown(rename_layer(wrong(), "conv1", "l" * 300))
    card = panel.cards.cards[0]
    assert "l" * 29 not in card.what.text()
    assert "l" * 300 in card.what.toolTip()
    assert "l" * 300 in card.what.accessibleName()
    assert panel.cards.minimumSizeHint().width() < 330


def even_filters():
    return set_config(valid(), "conv1", {"kernel_size": 4, "padding": "same"})


def test_advice_can_be_switched_off_at_its_card_and_on_again_in_the_menu(shown, qtbot):
    session, panel = shown(even_filters())
    (card,) = panel.cards.cards
    assert "even filters" in card.mute.toolTip()
    assert panel.state.text() == "1 piece of advice"
    with qtbot.waitSignal(session.advice_changed) as announced:
        qtbot.mouseClick(card.mute, Qt.MouseButton.LeftButton)
    assert "FILTER-EVEN" not in announced.args[0]
    assert not session.report.problems
    assert not panel.cards.cards
    assert panel.state.text().startswith("No problems")
    assert session.undo_label is None  # a choice of the user's, no step of the document's

    menu = panel.advice_menu

    def click(action):
        menu.popup(panel.mapToGlobal(QPoint(0, 0)))
        qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())

    switch = menu.switches["FILTER-EVEN"]
    assert not switch.isChecked()
    click(switch)
    assert menu.isVisible()  # for the next switch
    assert switch.isChecked()
    assert [problem.code for problem in session.report.problems] == ["FILTER-EVEN"]
    click(menu.switches["FILTERS-COUNT"])
    assert "FILTERS-COUNT" in session.advice
    click(menu.reset_action)
    assert session.advice == DEFAULT_ADVICE
    menu.close()


def test_only_advice_can_be_switched_off(shown):
    _, panel = shown(wrong())
    assert [card.mute is not None for card in panel.cards.cards] == [
        card.problem.code in DEFAULT_ADVICE for card in panel.cards.cards
    ]
    assert panel.cards.cards[0].mute is None


def test_the_choice_of_advice_holds_for_every_later_check(shown):
    session, _ = shown(even_filters())
    session.set_advice(session.advice - {"FILTER-EVEN"})
    assert not session.preview(set_config(session.document, "conv1", {"filters": 8})).problems
    session.edit("x", set_config(session.document, "conv1", {"filters": 9}))
    assert not session.report.problems
    session.open(even_filters(), None)
    assert not session.report.problems


def test_a_sentence_that_begins_with_a_layer_keeps_its_name(qtbot):
    document, _ = add_layer(valid(), "Conv2D", {"filters": 3, "kernel_size": 5}, source="input1", id="conv2")
    document, _ = add_layer(document, "Add", source="relu1", id="sum1")
    document = connect(document, "conv2", "sum1", 1)
    session = Session(document)
    (problem,) = session.report.errors
    assert problem.what.startswith(("sum1: conv2 gives ", "sum1: relu1 gives "))
    card = ProblemCard(session, problem, "sum1")
    qtbot.addWidget(card)
    assert card.what.text() == problem.what.removeprefix("sum1: ")
