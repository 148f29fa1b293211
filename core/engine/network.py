"""The network: a document that computes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from core.analysis.report import Report
from core.engine.cost import replicas_for
from core.engine.kernels.definition import samples_first, samples_last
from core.engine.kernels.kernel import Part
from core.engine.memory_limit import refuse_beyond_memory
from core.engine.plans.memory_plan import EVALUATION, STEP, Purpose
from core.engine.plans.needs import bytes_for
from core.engine.plans.plan import Plan
from core.engine.plans.pool import Plans, divide
from core.engine.program import Node, compile_program
from core.engine.replicas.processes import Processes
from core.engine.replicas.replica import Orders
from core.engine.replicas.shared_memory import SharedMemory
from core.engine.replicas.team import Lockstep, Team, finished, run_together, spans
from core.engine.samples import Samples, checked_labels, checked_samples
from core.engine.threads import ONE_THREAD
from core.engine.weights import NamedWeights, WeightStore
from core.errors import NetworkError
from core.graph.values import Document
from core.io.prepared import Beside, write_prepared
from core.io.weights import read_weights
from core.io.writing import document_text
from core.layers.values import Array
from core.shapes import count, n_scores
from core.text import listing, nearest_name, shape_text

INFERENCE = Purpose()
DERIVING = Purpose(gradients="all")
TRAINED_FORWARD = Purpose(training=True, gradients="all")


@dataclass(frozen=True, slots=True)
class Gradients:
    """What a backward pass computes.

    Attributes
    ----------
    inputs : mapping of str to array
        By the ids of the layers where samples enter; zeros for those that no output depends on.
    weights : mapping of str to array
        By the weights' names: `conv1/kernel`; frozen layers and statistics have none.
    """

    inputs: Mapping[str, Array]
    weights: Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Derivatives:
    """The insides of an inference pass, and how some number changes with each of them.

    Attributes
    ----------
    outputs, gradients : mapping of str to array
        By the ids of all layers that the number depends on, (N, H, W, C) or (N, C).
    weights : mapping of str to array
        The number's gradients by the weights that training changes; zeros for those that it does not depend on.
    """

    outputs: Mapping[str, Array]
    gradients: Mapping[str, Array]
    weights: Mapping[str, Array]


class _Pass(NamedTuple):
    """A pass that was run, as far as running it again needs it."""

    parts: tuple[Part, ...]
    purpose: Purpose
    xs: Mapping[int, Array]
    n_drawn: int


class Network:
    """A document compiled into something that computes.

    Parameters
    ----------
    document : Document
        It is read once; later edits make other documents and don't disturb the network.
    dtype : {"float32", "float64"}
        float64 is for checks.
    seed : int, optional
        Where the random numbers start; by default that of the document's training settings. The same seed gives the
        same weights, bit for bit.
    n_replicas : int or None
        Into how many parts a training batch is divided. Its gradient is the sum of theirs, in their order, whoever
        computes them and when. None for as many as help with the document's batches on this machine.
    report : Report, optional
        What `check` says about this very document, where that is known already.

    Attributes
    ----------
    weights : NamedWeights
        By name, with axes as in the files: channels last.
    parameters, gradients : array, (n,)
        All parameters that training changes in one piece, and the gradient of the last pass. Optimisers work on them.
    beside : Beside
        What `save_weights` writes beside the weights: how samples were prepared for it, and what its classes are
        called. It computes with samples as they are; whoever trains it says what is done to them before.

    Raises
    ------
    NetworkError
        If the document has errors, or needs more memory than there is.

    Examples
    --------
    >>> from core.io.templates import load_template
    >>> network = Network(load_template("lenet5"), seed=1)
    >>> network.input_ids, network.output_ids, network.parameters.size
    (('input',), ('softmax',), 61706)

    Weights are set and read by name; reading gives a copy.

    >>> network.weights["conv1/kernel"].shape, network.weights["conv1/kernel"].dtype  # (F, F, C, K)
    ((5, 5, 1, 6), dtype('float32'))
    >>> network.weights["conv1/bias"] = np.arange(6)
    >>> network.weights["conv1/bias"].tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    """

    def __init__(
        self,
        document: Document,
        dtype: Literal["float32", "float64"] = "float32",
        seed: int | None = None,
        n_replicas: int | None = 1,
        report: Report | None = None,
    ) -> None:
        settings = document.training.settings
        if seed is None:
            seed = settings.seed
        self.document = document
        self.dtype = np.dtype(dtype)
        self.program = compile_program(document, report)
        self._refuse_hopeless()
        self.n_replicas = n_replicas or replicas_for(self.program, settings.batch_size)
        self._seed = seed
        self._memory = SharedMemory() if self.n_replicas > 1 else None
        allocate = np.zeros if self._memory is None else self._memory.take
        self._store = WeightStore(self.program, self.dtype, self.n_replicas, allocate)
        self.draw_weights()
        self.weights = NamedWeights(self._store)
        self.parameters, self.gradients = self._store.parameters, self._store.gradients
        self._plans = Plans(self.program, self._store, seed)
        self._team: Team = Lockstep(self._plans)
        self._last: _Pass | None = None
        self._derivable: Plan | None = None
        self.beside = Beside()

    def draw_weights(self) -> None:
        """Set all weights to those it was made with: the seed decides them."""
        (branch,) = np.random.SeedSequence(self._seed).spawn(1)
        own = {node.id: node.initializer for node in self.program.nodes if node.initializer is not None}
        with ONE_THREAD:  # matrices are decomposed to the same bits
            initializer = self.document.training.settings.initializer
            self._store.draw(np.random.Generator(np.random.PCG64(branch)), initializer, own)

    @property
    def statistics(self) -> Array:
        """All weights that training does not change by gradients: statistics and frozen layers."""
        return self._store.fixed

    @contextmanager
    def replicas_at_work(self, largest_batch: int) -> Iterator[None]:
        """Have the other parts of batches computed by processes of their own, while the context lasts.

        Parameters
        ----------
        largest_batch : int
            Larger ones are computed without them, as are all until the processes have begun: the bits don't differ.

        Raises
        ------
        NetworkError
            From within the context, if a process ended unexpectedly.
        """
        if self._memory is None:
            yield
            return
        text = document_text(self.document)
        weights = None if self.class_weights is None else self.class_weights.tolist()
        orders = Orders(text, self.dtype.name, self._seed, self.n_replicas, largest_batch, weights)
        team = Processes(self.program, self._plans, orders, self._memory)
        self._team = team
        try:
            yield
        finally:
            self._team = Lockstep(self._plans)
            team.close()

    @property
    def has_all_replicas(self) -> bool:
        """Whether all processes that are to compute parts of batches have begun."""
        return self._team.is_ready

    @property
    def weight_bytes(self) -> int:
        """The memory of the weights, and of the gradients that replicas find."""
        return self._store.n_bytes

    def bytes_for(self, batch: int, purpose: Purpose = STEP) -> int:
        """Return the memory that the network takes while it computes batches of a size, with all its replicas."""
        replicas = self.n_replicas if purpose.loss else 1
        return bytes_for(self.program, batch, replicas, purpose, self.dtype)

    def plan_for(self, part: Part, purpose: Purpose) -> Plan:
        """Return the plan for a part of a batch."""
        return self._plans.of(part, purpose)

    @property
    def rng(self) -> np.random.Generator:
        """Where the layers of the first replica that draw in training draw from."""
        return self._plans.rngs[0]

    def by_name(self, flat: Array) -> dict[str, Array]:
        """View an array with the size of `parameters` by the names of the weights that training changes."""
        return self._store.learned_views(flat)

    @property
    def n_drawn(self) -> int:
        """How many passes drew random numbers, such as those of Dropout; setting it goes on after so many."""
        return self._plans.n_drawn

    @n_drawn.setter
    def n_drawn(self, n_drawn: int) -> None:
        self._plans.draw_for(n_drawn)

    def _refuse_hopeless(self) -> None:
        """Raise where not even one sample's largest output would fit into memory."""
        largest = max(self.program.nodes, key=lambda node: count(node.shape))
        what = f"The output of {largest.id}, {shape_text(largest.shape)} for one sample,"
        refuse_beyond_memory(count(largest.shape) * self.dtype.itemsize, what)

    @property
    def input_ids(self) -> tuple[str, ...]:
        """The ids of the layers where samples enter."""
        return tuple(self.program.nodes[index].id for index in self.program.inputs)

    @property
    def output_ids(self) -> tuple[str, ...]:
        """The ids of the layers where results leave."""
        return tuple(self.program.nodes[index].id for index in self.program.outputs)

    def forward(self, x: Samples, training: bool = False) -> Array | dict[str, Array]:
        """Compute the outputs of a batch, as fresh arrays.

        Parameters
        ----------
        x : array, (N, H, W, C) or (N, C), or mapping of str to array
            With several inputs by the ids of their layers.
        training : bool
            Whether layers compute as in training: Dropout drops, statistics are updated.

        Returns
        -------
        array, or dict of str to array
            With several outputs by the ids of their layers.

        Examples
        --------
        >>> from core.io.templates import load_template
        >>> network = Network(load_template("lenet5"))
        >>> probabilities = network.forward(np.zeros((32, 28, 28, 1)))
        >>> probabilities.shape, probabilities.dtype
        ((32, 10), dtype('float32'))
        """
        plan = self._run(x, TRAINED_FORWARD if training else INFERENCE)
        self._derivable = plan
        outputs = {self.program.nodes[end].id: samples_first(plan.values[end].view()).copy() for end in plan.ends}
        return outputs if len(outputs) > 1 else next(iter(outputs.values()))

    def backward(self, dy: Samples) -> Gradients:
        """Compute the gradients of everything that the last `forward` depended on.

        Parameters
        ----------
        dy : array, or mapping of str to array
            The gradient of some number by what `forward` returned, in the same form.

        Examples
        --------
        Which pixels, and which weights, would make the network surer that this is a three?

        >>> from core.io.templates import load_template
        >>> network = Network(load_template("lenet5"))
        >>> probabilities = network.forward(np.ones((1, 28, 28, 1)))
        >>> gradients = network.backward(np.eye(10)[[3]])  # (1, 10): 1 for the three, 0 for the others
        >>> gradients.inputs["input"].shape, gradients.weights["conv1/kernel"].shape
        ((1, 28, 28, 1), (5, 5, 1, 6))
        """
        if self._derivable is None:
            raise NetworkError("backward needs a forward before it: it derives what the last forward computed.")
        plan = self._derivable
        if plan.purpose == INFERENCE:
            # Inference keeps nothing for a backward pass, and draws nothing: computing it again has the same outcome.
            xs = {index: plan.values[index].view() for index in plan.inputs}  # they stay there until the next pass
            plan = self._derivable = self._plans.of(plan.part, DERIVING)
            with ONE_THREAD, _quiet():
                finished(plan.forward(xs))
        ends = [self.program.nodes[end] for end in plan.ends]
        dys = checked_samples(dy, ends, "the gradient of the output", plan.batch)
        with ONE_THREAD, _quiet():
            finished(plan.backward(dys))
        inputs = {}
        for index in self.program.inputs:
            node = self.program.nodes[index]
            if index in plan.inputs:
                inputs[node.id] = samples_first(plan.gradients[index].view()).copy()
            else:
                inputs[node.id] = np.zeros((plan.batch, *node.shape), self.dtype)
        return Gradients(inputs, {name: array.copy() for name, array in self._store.gradient_arrays.items()})

    def activations(self, x: Samples, layers: Sequence[str] | None = None) -> dict[str, Array]:
        """Compute the outputs of layers in one inference pass, as fresh arrays.

        Parameters
        ----------
        x : array or mapping of str to array
            As for `forward`.
        layers : sequence of str, optional
            The ids of those asked for, in the flattened graph; all by default.
        """
        known = self.program.by_id
        for id in layers or ():
            if id not in known:
                near = nearest_name(id, known)
                raise NetworkError(f"The network has no layer {id}." + (f" Did you mean {near}?" if near else ""))
        asked = list(known if layers is None else layers)
        plan = self._run(x, Purpose(asked=frozenset(known[id].index for id in asked)))
        return {id: samples_first(plan.values[known[id].index].view()).copy() for id in asked}

    def each_activation(self, x: Samples, layers: Iterable[str]) -> Iterator[dict[str, Array]]:
        """Compute the outputs of layers in one inference pass, and yield after each step those that are there by then.

        Whoever asks for no more breaks the pass off.

        Parameters
        ----------
        x : array or mapping of str to array
            As for `forward`.
        layers : iterable of str
            Ids of the flattened graph; those that the network does not have are passed over.

        Yields
        ------
        dict of str to array
            Fresh arrays (N, H, W, C) or (N, C) by layer; empty where a step gave nothing that was asked for.
        """
        nodes, known = self.program.nodes, self.program.by_id
        asked = frozenset(known[id].index for id in layers if id in known)
        xs = self._entering(x)
        part = Part(_n_samples(xs), _n_samples(xs))
        plan = self._plans.of(part, Purpose(asked=asked))
        self._derivable = None
        steps = plan.steps(xs)
        while True:
            with ONE_THREAD, _quiet():
                computed = next(steps, None)
            if computed is None:
                return
            yield {nodes[i].id: samples_first(plan.values[i].view()).copy() for i in computed if i in asked}

    def derivatives(self, x: Samples, dys: Callable[[Mapping[str, Array]], Mapping[str, Array]]) -> Derivatives:
        """Compute the outputs of all layers in inference, and the gradients of some number by every one of them.

        Weights, statistics and `gradients` stay as they are.

        Parameters
        ----------
        x : array or mapping of str to array
            As for `forward`.
        dys : callable
            Is given the layers' outputs; returns, by the ids of the layers that the number is directly made of, its
            gradients by their outputs.

        Examples
        --------
        How do the maps of the first layer matter to the score of the three?

        >>> from core.io.templates import load_template
        >>> network = Network(load_template("lenet5"))
        >>> inside = network.derivatives(np.ones((1, 28, 28, 1)), lambda outputs: {"fc3": np.eye(10)[[3]]})
        >>> inside.gradients["conv1"].shape, inside.gradients["fc3"].argmax()
        ((1, 28, 28, 6), np.int64(3))
        """
        nodes, by_id = self.program.nodes, self.program.by_id
        plan = self._run(x, Purpose(gradients="all", asked=self.program.ancestors(self.program.outputs)))
        outputs = {nodes[end].id: samples_first(plan.values[end].view()).copy() for end in plan.ends}
        given = dys(outputs)
        starts = [by_id[id] for id in given]
        upstream = {end: np.zeros_like(plan.values[end].view()) for end in plan.ends}
        upstream |= checked_samples(given, starts, "the gradient of the output", plan.batch)
        before = self._store.gradients.copy()
        try:
            with ONE_THREAD, _quiet():
                finished(plan.backward(upstream))
            weights = {name: array.copy() for name, array in self._store.gradient_arrays.items()}
        finally:
            self._store.gradients[...] = before
        behind = sorted(self.program.ancestors(node.index for node in starts))
        gradients = {nodes[index].id: samples_first(plan.gradients[index].view()).copy() for index in behind}
        return Derivatives(outputs, gradients, weights)

    def loss_and_gradient(self, x: Samples, labels: Array) -> tuple[float, int]:
        """Measure a batch in training mode and leave the gradient of its mean loss in `gradients`.

        Parameters
        ----------
        x : array or mapping of str to array
            As for `forward`.
        labels : array of int, (N,)

        Returns
        -------
        loss : float
            The mean loss of the document's training settings, classes weighted by `class_weights`.
        n_correct : int
            How many samples have their highest score at their label.
        """
        loss, n_right = self._measure(x, labels, STEP)
        return loss / self.weight_of(labels), n_right

    @property
    def class_weights(self) -> Array | None:
        """How much samples of each class count in the loss, (C,); None where all count alike."""
        return self._plans.class_weights

    @class_weights.setter
    def class_weights(self, class_weights: Array | None) -> None:
        self._plans.weigh(class_weights)

    def weight_of(self, labels: Array) -> float:
        """Return how much samples with these labels count together; without class weights, how many they are."""
        return len(labels) if self.class_weights is None else float(self.class_weights[labels].sum())

    def evaluate(self, x: Samples, labels: Array) -> tuple[float, int]:
        """Measure a batch in inference mode: the summed loss, and how many samples are right."""
        return self._measure(x, labels, EVALUATION)

    def _measure(self, x: Samples, labels: Array, purpose: Purpose) -> tuple[float, int]:
        labelled = self._labelled
        xs = self._entering(x)
        batch = _n_samples(xs)
        parts = divide(batch, self.n_replicas)
        labels = checked_labels(labels, batch, labelled)
        self._begin(parts, purpose, xs)
        with ONE_THREAD, _quiet():
            loss, n_right = self._team.measure(parts, purpose, xs, labels, self.weight_of(labels))
        self._plans.passed(purpose)
        if purpose.derives:
            self._store.add_shares(len(parts))
        return loss, n_right

    @cached_property
    def _labelled(self) -> Node:
        """The output that labels are for."""
        if len(self.program.outputs) != 1:
            raise NetworkError(f"Training needs exactly one output, but this network has {listing(self.output_ids)}.")
        node = self.program.nodes[self.program.outputs[0]]
        if n_scores(node.shape) is None:
            raise NetworkError(
                f"Training needs one row of scores, but {node.id} gives {shape_text(node.shape)}. "
                "Put a Flatten and a Dense after it."
            )
        return node

    def _run(self, x: Samples, purpose: Purpose) -> Plan:
        xs = self._entering(x)
        part = Part(_n_samples(xs), _n_samples(xs))
        plan = self._plans.of(part, purpose)
        self._begin((part,), purpose, xs)
        with ONE_THREAD, _quiet():
            finished(plan.forward(xs))
        self._plans.passed(purpose)
        return plan

    def _begin(self, parts: tuple[Part, ...], purpose: Purpose, xs: Mapping[int, Array]) -> None:
        """Note what is computed, should somebody ask where it went wrong."""
        self._derivable = None
        self._last = _Pass(parts, purpose, xs, self._plans.n_drawn)

    def _entering(self, x: Samples) -> dict[int, Array]:
        entrances, spare = self._entrances
        entering = checked_samples(x, entrances, "the input", spare=spare)
        if spare:
            batch = _n_samples(entering)
            for node in spare:
                if node.index not in entering:
                    entering[node.index] = samples_last(np.zeros((batch, *node.shape), self.dtype))
        return entering

    @cached_property
    def _entrances(self) -> tuple[list[Node], list[Node]]:
        """The nodes where samples enter: those that an output depends on, and the others."""
        nodes, read = self.program.nodes, self.program.read_inputs
        spare = [nodes[index] for index in self.program.inputs if index not in read]
        return [nodes[index] for index in read], spare

    def first_nonfinite(self) -> str | None:
        """Name the first layer whose output in the last pass, else whose gradient or weights, hold NaN or infinity.

        The last pass is computed again from the same samples, which must not have been changed since: the passes
        themselves take no note of it.
        """
        layer = self._first_nonfinite_output(self._last) if self._last is not None else None
        if layer is not None:
            return layer
        # A gradient flows from the last layer to the first.
        for arrays in (dict(reversed(self._store.gradient_arrays.items())), self._store.arrays):
            for name, array in arrays.items():
                if not np.isfinite(array).all():
                    return name.rpartition("/")[0]
        return None

    def _first_nonfinite_output(self, past: _Pass) -> str | None:
        """Compute a pass once more with all outputs kept; draws and statistics are put back as they were."""
        fixed = self._store.fixed.copy()
        needed = self.program.ancestors(past.purpose.ends(self.program))
        purpose = Purpose(training=past.purpose.training, asked=needed)
        plans = [self._plans.fresh(part, purpose) for part in past.parts]
        passes = [
            plan.forward({index: x[..., samples] for index, x in past.xs.items()})
            for plan, samples in zip(plans, spans(past.parts), strict=True)
        ]
        with _quiet(), self._plans.drawing_again(past.n_drawn):
            run_together(*passes)
        self._store.fixed[...] = fixed
        for end in plans[0].ends:
            if not all(np.isfinite(plan.values[end].view()).all() for plan in plans):
                return self.program.nodes[end].id
        return None

    def load_weights(self, path: Path | str) -> None:
        """Take all weights from a file; one that doesn't suit the network changes nothing.

        What stands beside them stays in the file: `core.io.prepared.read_beside` reads it.

        Raises
        ------
        WeightsError
            If the file can't be read, or doesn't hold exactly the network's weights in their shapes.
        """
        shapes = {name: array.shape for name, array in self._store.arrays.items()}
        self.weights.update(read_weights(Path(path), shapes))
        self.beside = Beside()

    def save_weights(self, path: Path | str) -> None:
        """Save all weights as an `.npz` archive; whatever happens, the file is either as it was or complete.

        Raises
        ------
        SaveError
            If it can't be written; what stood there is unchanged.

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> from core.io.templates import load_template
        >>> mine, another = (Network(load_template("mlp"), seed=seed) for seed in (1, 2))
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "mine.npz")
        ...     mine.save_weights(path)
        ...     another.load_weights(path)
        ...     {name: array.shape for name, array in np.load(path).items()}
        {'fc1/kernel': (64, 100), 'fc1/bias': (100,), 'fc2/kernel': (100, 10), 'fc2/bias': (10,)}
        >>> np.array_equal(mine.weights["fc1/kernel"], another.weights["fc1/kernel"])
        True
        """
        write_prepared(Path(path), self.weights, self.beside)


def _n_samples(xs: Mapping[int, Array]) -> int:
    return next(iter(xs.values())).shape[-1]


def _quiet() -> np.errstate:
    """Let NaN and infinity pass without warnings: training looks for them, and says in which layer they began."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")
