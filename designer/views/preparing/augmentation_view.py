"""Augmentation, seen on one sample: what the next epochs would make of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from core.augmentation.augmentation import Augmentation, augmented
from core.augmentation.table import AUGMENTATION
from core.graph.edits import set_training
from core.training.stages import sample_of
from designer import theme
from designer.forms.field_text import as_json
from designer.forms.form import SettingsForm
from designer.session import Session
from designer.views.data import ShownData
from designer.views.preparing.narrow import narrow
from designer.views.preparing.picture_label import PictureLabel
from designer.views.preparing.preparing_view import PreparingView
from designer.views.preparing.subject import input_shape, why_not

N_DRAWS = 10
SIDE_PX = 58
WIDE_PX = 146
NOTE = "training only, drawn anew in every epoch, before preprocessing"


class KindSwitch(QWidget):
    """One kind of augmentation: whether it is on, and its number."""

    switched = Signal(str)
    """Carries the kind that is to be switched on or off."""
    changed = Signal(str, str, object, str)
    """Kind, setting, value, and the name of the visit to the field."""
    withdrawn = Signal(str, str, str)
    """What was entered in a visit is to be taken back."""

    def __init__(self, kind: type[Augmentation], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = kind
        self.switch = QCheckBox(kind.label())
        self.switch.setToolTip(kind.summary())
        self.switch.setAccessibleName(f"Augment with {kind.label()}")
        self.form = SettingsForm(kind, lettered=False)
        narrow(self.form)
        self.form.show_configs([{}])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.switch)
        column.addWidget(self.form)
        column.addStretch(1)
        self._fit(is_on=False)
        self.switch.clicked.connect(self._switch)
        self.form.changed.connect(self._set)
        self.form.withdrawn.connect(self._withdraw)

    def show_augmentation(self, augmentation: Augmentation | None, refusal: str) -> None:
        """Show its settings; None where it is off. A refusal says why it can't be switched on."""
        self.switch.setChecked(augmentation is not None)
        self.switch.setEnabled(augmentation is not None or not refusal)
        self.switch.setToolTip(refusal or self.kind.summary())
        self._fit(is_on=augmentation is not None)
        self.form.show_configs([{} if augmentation is None else augmentation.config()])

    def _fit(self, *, is_on: bool) -> None:
        """Take no more room than is needed, so that all kinds can be seen beside each other."""
        self.form.setEnabled(is_on)
        self.form.setVisible(is_on)
        self.setFixedWidth(WIDE_PX if is_on else self.switch.sizeHint().width())

    @Slot()
    def _switch(self) -> None:
        self.switched.emit(self.kind.kind_name())

    @Slot(str, object, str)
    def _set(self, name: str, value: object, visit: str) -> None:
        self.changed.emit(self.kind.kind_name(), name, value, visit)

    @Slot(str, str)
    def _withdraw(self, name: str, visit: str) -> None:
        self.withdrawn.emit(self.kind.kind_name(), name, visit)


class AugmentationView(PreparingView):
    """Shows a sample as it is and as the first ten epochs see it; a switch adds a kind or takes it out."""

    follows = ("augmentation", "seed", "resize")

    def __init__(self, session: Session, data: ShownData, parent: QWidget | None = None) -> None:
        super().__init__(session, data, parent)
        self.switches = {name: KindSwitch(kind) for name, kind in AUGMENTATION.items()}
        self.before = PictureLabel("sample", SIDE_PX)
        self.draws = [PictureLabel(f"epoch {epoch}", SIDE_PX) for epoch in range(1, N_DRAWS + 1)]
        self.note = QLabel(NOTE)
        self.note.setWordWrap(True)
        theme.mark(self.note, "role", "muted")
        self.begin(self._made_page())
        for switch in self.switches.values():
            switch.switched.connect(self._switch)
            switch.changed.connect(self._set)
            switch.withdrawn.connect(self._withdraw)

    @property
    def kinds(self) -> tuple[Augmentation, ...]:
        """What the document sets."""
        return self.session.document.training.settings.augmentation

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.data.attend()
        self.look_again()

    def _made_page(self) -> QWidget:
        pictures = QHBoxLayout()
        pictures.setSpacing(10)
        for picture, words in [(self.before, "as it is"), *((d, f"epoch {i}") for i, d in enumerate(self.draws, 1))]:
            box = QVBoxLayout()
            box.setSpacing(0)
            label = QLabel(words)
            theme.mark(label, "role", "muted")
            box.addWidget(picture)
            box.addWidget(label)
            box.addStretch(1)
            pictures.addLayout(box)
        pictures.addStretch(1)
        switches = QHBoxLayout()
        switches.setSpacing(8)
        for switch in self.switches.values():
            switches.addWidget(switch)
        switches.addStretch(1)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(12, 4, 12, 8)
        column.setSpacing(2)
        column.addLayout(pictures)
        column.addLayout(switches)
        column.addStretch(1)
        page = QWidget()
        whole = QVBoxLayout(page)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        self.note.setContentsMargins(12, 6, 12, 2)
        whole.addWidget(self.note)
        whole.addWidget(inner, 1)
        return page

    def look_again(self) -> None:
        loaded = self.data.loaded
        if not self.isVisible() or loaded is None:
            return
        shape, dataset = input_shape(self.session.report), loaded.dataset
        refusal = loaded.refusal if dataset is None else why_not(dataset, shape)
        if dataset is None or shape is None or refusal:
            self.say("Nothing to augment", refusal)
            return
        self.pages.setCurrentWidget(self.page)
        on = {kind.kind_name(): kind for kind in self.kinds}
        for name, switch in self.switches.items():
            kind = on.get(name)
            switch.show_augmentation(kind, (kind or AUGMENTATION[name]()).refusal(shape))
        self._sample = min(self._sample, len(dataset) - 1)
        sample = sample_of(dataset, self._sample, shape, self.session.document.training.settings.resize)
        self.before.show_values(sample[0])
        if refused := next(filter(None, (kind.refusal(shape) for kind in self.kinds)), ""):
            self.note.setText(refused)
            for picture in self.draws:
                picture.clear()
            return
        self.note.setText(NOTE if self.kinds else "nothing is switched on: every epoch sees samples as they are")
        seed, place = self.session.document.training.settings.seed, np.array([self._sample])
        for epoch, picture in enumerate(self.draws, 1):
            drawn = augmented(sample.copy(), self.kinds, seed, epoch, place)
            # As screens show it: what noise or contrast brought beyond black and white is black or white.
            limits = min(0.0, float(sample.min())), max(1.0, float(sample.max()))
            picture.show_values(np.clip(drawn[0], *limits), faint=not self.kinds)

    # --- Edits -------------------------------------------------------------------------------------------------------

    def _edit(self, label: str, kinds: list[Augmentation], merge_key: str | None = None) -> None:
        written = [kind.written() for kind in kinds]
        document = set_training(self.session.document, {"augmentation": written})
        self.session.edit(label, document, merge_key=merge_key)

    @Slot(str)
    def _switch(self, name: str) -> None:
        """Switch a kind on, in the order of the table, or off."""
        label = AUGMENTATION[name].label()
        left = [kind for kind in self.kinds if kind.kind_name() != name]
        if len(left) < len(self.kinds):
            self._edit(f"leave out {label}", left)
            return
        order = list(AUGMENTATION)
        at = next((i for i, kind in enumerate(left) if order.index(kind.kind_name()) > order.index(name)), len(left))
        self._edit(f"augment with {label}", [*left[:at], AUGMENTATION[name](), *left[at:]])

    @Slot(str, str, object, str)
    def _set(self, name: str, setting: str, value: Any, visit: str) -> None:
        kinds = list(self.kinds)
        for place, kind in enumerate(kinds):
            if kind.kind_name() == name:
                kinds[place] = type(kind).read({**kind.config(whole=True), setting: as_json(value)})
                self._edit(f"set {setting} of {kind.label()}", kinds, f"augmentation {name} {setting} {visit}")
                return

    @Slot(str, str, str)
    def _withdraw(self, name: str, setting: str, visit: str) -> None:
        self.session.take_back(f"augmentation {name} {setting} {visit}")
