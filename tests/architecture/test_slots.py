"""What signals call: a slot that overrides another is called even after its object is gone (PySide6 6.9 to 6.11)."""

import pkgutil
from importlib import import_module
from inspect import isclass

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal, Slot

import designer

SCRIPTS = ("designer.headless", "designer.offscreen")


def classes():
    names = (found.name for found in pkgutil.walk_packages(designer.__path__, "designer."))
    modules = [import_module(name) for name in names if name not in SCRIPTS]
    found = {each for module in modules for each in vars(module).values() if isclass(each)}
    return [each for each in found if issubclass(each, QObject) and each.__module__.startswith("designer.")]


def is_slot(method):
    return hasattr(method, "_slots")


def is_ours(kind):
    return not kind.__module__.startswith(("PySide6", "shiboken", "pyqtgraph", "builtins"))


def overriding(kinds):
    """Yield the slots of classes of ours that override a method of another one, or that a method overrides."""
    for kind in kinds:
        for name, method in vars(kind).items():
            bases = [vars(base)[name] for base in kind.__mro__[1:] if name in vars(base) and is_ours(base)]
            if any(is_slot(method) or is_slot(other) for other in bases):
                yield f"{kind.__module__}.{kind.__name__}.{name}"


def test_no_slot_overrides_another():
    found = classes()
    assert len(found) > 150
    assert not sorted(overriding(found)), "connect a slot that calls the method instead"


class Hub(QObject):
    changed = Signal()


class Base(QObject):
    calls = 0

    @Slot()
    def refresh(self):
        raise NotImplementedError


class Override(Base):
    @Slot()
    def refresh(self):
        type(self).calls += 1


class Plain(QObject):
    calls = 0

    @Slot()
    def draw_again(self):
        self.refresh()

    def refresh(self):
        type(self).calls += 1


@pytest.mark.parametrize(("kind", "name", "calls"), [(Override, "refresh", 1), (Plain, "draw_again", 0)])
def test_why(kind, name, calls, qapp):
    hub, gone = Hub(), kind()
    hub.changed.connect(getattr(gone, name))
    gone.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    hub.changed.emit()
    assert kind.calls == calls
    assert list(overriding([kind])) == [f"{__name__}.Override.refresh"][: kind is Override]
