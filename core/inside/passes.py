"""A pass whose every output and every gradient stays in hand, by the kinds' own definitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from core.engine.memory_limit import refuse_beyond_memory
from core.engine.network import Network
from core.engine.program import Node
from core.engine.threads import ONE_THREAD
from core.errors import NetworkError
from core.layers import Context
from core.layers.activation import ReLU
from core.layers.rectifiers import ReLU6
from core.layers.values import Array
from core.shapes import count
from core.text import nearest_name
from core.work import Work


class Pass:
    """A batch on its way through a network in inference: Dropout passes everything on, statistics stay as they are.

    The engine lets values that are no longer needed share memory; here all are kept, layer by layer, so that gradients
    can begin and be read anywhere. The network is only read.

    Parameters
    ----------
    network : Network
    x : array, (N, H, W, C) or (N, C)
        As the network takes it: after preprocessing.
    end : str, optional
        The id of the last layer that is computed; by default the network's first output.

    Attributes
    ----------
    outputs : dict of str to array
        By the ids of the layers; complete once `forward` is done.

    Raises
    ------
    NetworkError
        The network has several Inputs, no such layer, or a pass does not fit into memory.

    Examples
    --------
    >>> from core.io.templates import load_template
    >>> from core.work import outcome_of
    >>> pass_ = Pass(Network(load_template("lenet5")), np.zeros((1, 28, 28, 1)), "fc3")
    >>> outcome_of(pass_.forward())
    >>> pass_.outputs["conv2"].shape
    (1, 10, 10, 16)
    >>> gradients = outcome_of(pass_.backward(np.eye(10)[[3]]))
    >>> gradients["input"].shape
    (1, 28, 28, 1)
    """

    def __init__(self, network: Network, x: Array, end: str | None = None) -> None:
        program = network.program
        if len(program.read_inputs) != 1:
            raise NetworkError(f"This is for networks with one Input; this one has {len(program.read_inputs)}.")
        self._network, self._entry = network, program.nodes[program.read_inputs[0]]
        self.end = node_of(network, network.output_ids[0] if end is None else end)
        needed = program.ancestors([self.end.index])
        self._nodes = [node for node in program.nodes if node.index in needed]
        n_values = sum(count(node.shape) for node in self._nodes) * len(x)
        refuse_beyond_memory(4 * n_values * network.dtype.itemsize, "A pass that keeps every output")
        self._x = np.ascontiguousarray(x, network.dtype)
        self._contexts: dict[str, Context] = {}
        self.outputs: dict[str, Array] = {}

    def forward(self) -> Work[None]:
        """Compute every output up to the end."""
        nodes = self._network.program.nodes
        for place, node in enumerate(self._nodes):
            context = self._contexts[node.id] = Context()
            with ONE_THREAD, np.errstate(all="ignore"):
                if node is self._entry:
                    self.outputs[node.id] = self._x
                else:
                    xs = tuple(self.outputs[nodes[source].id] for source in node.sources)
                    self.outputs[node.id] = node.kind.forward(xs, self._weights(node), context)
            yield (place + 1) / len(self._nodes)

    def backward(
        self,
        dy: Array,
        *,
        start: str | None = None,
        until: str | None = None,
        guided: bool = False,
        told: Callable[[Node, int, Array], None] | None = None,
    ) -> Work[dict[str, Array]]:
        """Compute the gradients of `Σ dy·y` by the outputs of all layers on the way back; `forward` comes first.

        Parameters
        ----------
        dy : array
            In the shape of the output where the gradient starts.
        start, until : str, optional
            Ids of layers: where it starts, by default the end; and beyond which none is needed, by default the Input.
        guided : bool
            Whether rectifiers pass on only what is positive, as guided backpropagation has it.
        told : callable, optional
            Is told of each layer, and of its inputs by port, the gradient by what enters there.

        Returns
        -------
        dict of str to array
            By the ids of the layers; zeros for the layer asked for, if nothing of it reaches the start.
        """
        program = self._network.program
        first = self.end if start is None else node_of(self._network, start)
        last = self._entry if until is None else node_of(self._network, until)
        needed = program.ancestors([first.index])
        way = [node for node in reversed(self._nodes) if node.index in needed and node.index > last.index]
        gradients: dict[str, Array] = {first.id: np.asarray(dy, self._network.dtype)}
        for place, node in enumerate(way):
            own = gradients.get(node.id)
            if own is not None and node.sources:
                with ONE_THREAD, np.errstate(all="ignore"):
                    dxs, _ = node.kind.backward(own, self._weights(node), self._contexts[node.id])
                    if guided and isinstance(node.kind, ReLU | ReLU6):
                        dxs = tuple(dx * (own > 0) for dx in dxs)
                for port, (source, dx) in enumerate(zip(node.sources, dxs, strict=True)):
                    if told is not None:
                        told(node, port, dx)
                    id = program.nodes[source].id
                    gradients[id] = gradients[id] + dx if id in gradients else dx
            yield (place + 1) / len(way)
        gradients.setdefault(last.id, np.zeros_like(self.outputs[last.id]))
        return gradients

    def _weights(self, node: Node) -> Mapping[str, Array]:
        return {name: self._network.weights[f"{node.id}/{name}"] for name in node.weights}


def node_of(network: Network, id: str) -> Node:
    """Return the layer of an id.

    Raises
    ------
    NetworkError
        The network has none of that name.
    """
    known = network.program.by_id
    if id not in known:
        near = nearest_name(id, known)
        raise NetworkError(f"The network has no layer {id}." + (f" Did you mean {near}?" if near else ""))
    return known[id]
