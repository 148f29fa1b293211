"""Edits written as data, as in fixes: how each is carried out."""

from __future__ import annotations

from dataclasses import replace

from core.errors import EditError
from core.graph.edits import (
    add_layer,
    connect,
    disconnect,
    insert_layer,
    remove_layers,
    rename_layer,
    replace_kind,
    set_config,
    set_initializer,
    set_outputs,
    set_trainable,
    set_training,
    unset_config,
)
from core.graph.inside import copy_prefix, edit_block
from core.graph.values import Document
from core.problems import (
    Connect,
    Edit,
    Fix,
    Insert,
    Remove,
    Rename,
    Replace,
    SetConfig,
    SetInitializer,
    SetOutputs,
    SetTrainable,
    SetTraining,
    Unset,
)


def apply_edit(document: Document, edit: Edit) -> Document:
    """Carry out an edit that was written as data.

    Raises
    ------
    EditError
        If the document does not have what the edit refers to.
    """
    match edit:
        case Insert(before=str(place)) | Remove(place) | Connect(layer=place) | Rename(place) if prefix := copy_prefix(
            document, place
        ):
            within = _within(edit, prefix)
            edited = edit_block(document, prefix, lambda block: apply_edit(block, within))
        case SetConfig(layer, config):
            edited = set_config(document, layer, config)
        case Unset(layer, names):
            edited = unset_config(document, layer, names)
        case Insert(kind, config, None, _, id):
            edited, _ = add_layer(document, kind, config, id=id)
        case Insert(kind, config, str(before), port, id):
            edited = insert_layer(document, kind, config, before=before, port=port, id=id)
        case Replace(layer, kind, config):
            edited = replace_kind(document, layer, kind, config)
        case Remove(layer):
            edited = remove_layers(document, [layer])
        case Connect(source, layer, port):
            edited = disconnect(document, layer, port) if source is None else connect(document, source, layer, port)
        case SetTrainable(layer, trainable):
            edited = set_trainable(document, layer, trainable)
        case SetInitializer(layer, initializer):
            edited = set_initializer(document, layer, initializer)
        case Rename(layer, to):
            edited = rename_layer(document, layer, to)
        case SetOutputs(outputs):
            edited = set_outputs(document, outputs)
        case SetTraining(settings):
            edited = set_training(document, settings)
        case _:
            raise EditError(f"{edit} is not an edit.")
    return edited


def _within(edit: Insert | Remove | Connect | Rename, prefix: str) -> Edit:
    """Write an edit with the names that layers have inside their block."""
    match edit:
        case Insert():
            return replace(edit, before=(edit.before or "").removeprefix(prefix))
        case Connect(source, layer) if source is not None:
            if not source.startswith(prefix):
                raise EditError(f"{source} cannot feed {layer}: it is outside the block.")
            return replace(edit, source=source.removeprefix(prefix), layer=layer.removeprefix(prefix))
        case _:
            return replace(edit, layer=edit.layer.removeprefix(prefix))


def apply_fix(document: Document, fix: Fix) -> Document:
    """Carry out all edits of a fix."""
    for edit in fix.edits:
        document = apply_edit(document, edit)
    return document
