"""Names in Python code: one for each layer and class, whatever the user's names hold."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

from core.export.pytorch.lacking import LACKING

_OF_MODULES = re.findall(
    r"\w+",
    """
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches
    eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict
    modules mtia named_buffers named_children named_modules named_parameters parameters register_backward_hook
    register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook register_load_state_dict_pre_hook
    register_module register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_
    set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu zero_grad prepare
    """,
)
"""What modules of PyTorch have already; ours have `prepare`. `tests/torch` finds any that is missing here."""

_OF_FILES = ("F", "Path", "WEIGHTS", "load", "load_file", "nn", "np", "scores", "self", "super", "torch")

RESERVED = frozenset((*_OF_MODULES, *_OF_FILES, *LACKING, *keyword.kwlist, *keyword.softkwlist))


class Names:
    """Gives names that are free.

    Parameters
    ----------
    taken : iterable of str
        Besides those that mean something already.

    Examples
    --------
    >>> names = Names()
    >>> [names.of(name) for name in ("conv1", "a.b", "a_b", "2nd", "lambda", "é", "train")]
    ['conv1', 'a_b', 'a_b_2', 'layer_2nd', 'lambda_', 'layer__', 'train_']
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {*RESERVED, *taken}

    def of(self, name: str) -> str:
        """Return an identifier for a layer."""
        plain = re.sub(r"[^0-9A-Za-z_]", "_", name)
        if not plain or plain[0] in "_0123456789":  # two underscores before a name would mean something
            plain = f"layer_{plain}"
        return self._free(f"{plain}_" if plain in RESERVED else plain)

    def of_class(self, name: str, otherwise: str) -> str:
        """Return an identifier for a class."""
        words = re.findall(r"[0-9A-Za-z]+", name)
        plain = "".join(word[0].upper() + word[1:] for word in words)
        if not plain or plain[0].isdigit():
            plain = f"{otherwise}{plain}"
        return self._free(f"{plain}_" if plain in RESERVED else plain)

    def _free(self, name: str) -> str:
        free, number = name, 1
        while free in self._taken:
            number += 1
            free = f"{name}_{number}"
        self._taken.add(free)
        return free
