"""What is the same in every script that trains."""

from __future__ import annotations

from string import Template

SETTINGS = '''
class Settings:
    """What has settings."""

    def __init__(self, **settings):
        self.__dict__.update(settings)

'''

AUGMENT = """
            for place, change in enumerate(AUGMENTATION):
                images = change.apply(images, Draws(SEED, epoch, place, places))"""

SCRIPT = Template('''\
"""Trains $title as its document says: python $file

Samples are read from $data beside this file, with `x`, N×$takes bytes or numbers from 0 to 1, and `y`, N whole
numbers from 0; where that is not there, Convograph reads those that the document names (python -m pip install
convograph). The order of samples, what is kept back and what chance does to samples are the same as there.
"""

from __future__ import annotations

import argparse
import copy
import sys
from pathlib import Path
$imports
import torch
import torch.nn.functional as F
$saving
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

$network

DATASET, RESIZE, FIRST_LABEL = $dataset, $resize, $first_label
SHAPE, N_OUTPUTS = $shape, $outputs
EPOCHS, BATCH_SIZE, SEED, VALIDATION_SPLIT = $epochs, $batch_size, $seed, $validation_split
LEARNING_RATE, CLASS_WEIGHTS = $rate, $class_weights
L1, L2, CLIP_NORM = $l1, $l2, $clip  # l1·Σ|w| and l2/2·Σw² over kernels alone
EARLY_STOPPING = $stopping
KERNELS = $kernels
INITIAL = $initial

# --- as in Convograph ----------------------------------------------------------------------------
$settings

$definitions


PREPROCESSING = $preprocessing
ARRAYS, BUFFERS = $names, $buffers
AUGMENTATION = $augmentation

# --- data ----------------------------------------------------------------------------------------


def samples(path):
    """Return all samples, N×$takes from 0 to 1, and their labels."""
    if path.is_file():
        stored = np.load(path)
        x = stored["x"] / np.float32(255) if stored["x"].dtype == np.uint8 else stored["x"]
        return x.astype(np.float32), stored["y"].astype(np.int64)
    try:
        from core.graph.training import TrainingSettings
        from core.training.preparation import fitted_to, load_for
    except ImportError:
        sys.exit(f"There are no samples: put them into {path}, or: python -m pip install convograph")
    settings = TrainingSettings(dataset=DATASET, resize=RESIZE, first_label=FIRST_LABEL)
    dataset = fitted_to(load_for(settings, SHAPE, HERE), settings, SHAPE)
    return dataset.pixels(slice(None)), dataset.labels


class Blocks:
    """Samples as they leave some steps of preprocessing, so many at a time."""

    def __init__(self, x, steps):
        self.x, self.steps = x, steps

    def __iter__(self):
        at_once = max(1, $block // int(np.prod(SHAPE)))
        for start in range(0, len(self.x), at_once):
            yield prepared(self.x[start : start + at_once].copy(), self.steps)


def prepared(x, steps):
    """Treat samples by fitted steps; `x` is overwritten."""
    for step, arrays in steps:
        x = step.apply(x, arrays)
    return x


def fitted(model, x, are_known):
    """Return the steps of preprocessing with their arrays: those of the model, or learned from training samples."""
    steps = []
    for step, names, buffers in zip(PREPROCESSING, ARRAYS, BUFFERS):
        if are_known:
            there = [(name, buffer) for name, buffer in zip(names, buffers) if hasattr(model, buffer)]
            arrays = {name: getattr(model, buffer).numpy() for name, buffer in there}
        else:
            arrays = {name: array.astype(np.float32) for name, array in step.fit(Blocks(x, steps), SHAPE).items()}
            for name, buffer in zip(names, buffers):
                if hasattr(model, buffer):
                    getattr(model, buffer).copy_(torch.from_numpy(arrays[name]))
        steps.append((step, arrays))
    return steps


def tensor(x, dtype):
    """Return samples as the network takes them, channels first."""
    x = torch.from_numpy(np.ascontiguousarray(x)).to(dtype)
    return x.permute(0, 3, 1, 2) if x.ndim == 4 else x


# --- training ------------------------------------------------------------------------------------


@torch.no_grad()
def initialised(model):
    """Draw the first kernels."""
    torch.manual_seed(SEED)
    for name, (how, value) in INITIAL.items():
        weight = model.get_parameter(name)
        if how == "normal":
            weight.normal_(0, value)
        elif how == "uniform":
            weight.uniform_(-value, value)
        elif how == "constant":
            weight.fill_(value)
        else:
            shape, rows, axes = value
            matrices = torch.empty(int(np.prod(shape)) // (rows * shape[-1]), rows, shape[-1])
            for matrix in matrices:
                torch.nn.init.orthogonal_(matrix)
            weight.copy_(matrices.reshape(shape).permute(axes))
    for name, bias in model.named_parameters():
        if name.endswith(".bias"):
            bias.zero_()
    return model


def loss_of(scores, labels, weights):
    """Return the mean loss of a batch."""
    $loss


def rate_of(step, per_epoch, losses):
    """Return the learning rate of a step, counted from 0, after epochs with these validation losses."""
    $rates


def learn(model, x, y, steps, epochs=EPOCHS):
    """Train a model; yield the loss of every batch, and keep the best weights in `model.best`."""
    train, validation = split(y, VALIDATION_SPLIT, SEED)
    dtype = next(model.parameters()).dtype
    weights = class_weights(CLASS_WEIGHTS, y[train], N_OUTPUTS)
    weights = None if weights is None else torch.from_numpy(weights).to(dtype)
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    kernels = [each for name, each in model.named_parameters() if name in KERNELS and each.requires_grad]
    optimizer = $optimizer
    per_epoch = sum(1 for _ in batches(train, BATCH_SIZE))
    history, best_rank, model.best = [], None, None
    for epoch in range(1, epochs + 1):
        model.train()
        total, counted = 0.0, 0.0
        for i, places in enumerate(batches(shuffled(train, SEED, epoch), BATCH_SIZE)):
            images = x[places]$augment
            labels = torch.from_numpy(y[places])
            loss = loss_of(model(tensor(prepared(images, steps), dtype)$scores).flatten(1), labels, weights)
            optimizer.zero_grad()
            loss.backward()
            with torch.no_grad():
                for kernel in kernels if L1 or L2 else ():
                    kernel.grad += L1 * kernel.sign() + L2 * kernel
            if CLIP_NORM is not None:
                torch.nn.utils.clip_grad_norm_(parameters, CLIP_NORM)
            for group in optimizer.param_groups:
                group["lr"] = rate_of((epoch - 1) * per_epoch + i, per_epoch, [each[0] for each in history])
            optimizer.step()
            n = len(labels) if weights is None else float(weights[labels].sum())
            total, counted = total + loss.item() * n, counted + n
            yield loss.item()
        said = f"epoch {epoch}: loss {total / counted:.4f}"
        rank = (-total / counted,)
        if len(validation):
            loss, accuracy = measured(model, x, y, validation, steps, weights)
            history.append((loss, accuracy))
            said += f", validation loss {loss:.4f}, accuracy {accuracy:.1%}"
            by_loss = EARLY_STOPPING is not None and EARLY_STOPPING["monitor"] == "val_loss"
            rank = (-loss, accuracy) if by_loss else (accuracy, -loss)
        print(said, flush=True)
        if best_rank is None or rank > best_rank:
            best_rank, model.best = rank, copy.deepcopy(model.state_dict())
        if has_stalled(history):
            return


@torch.inference_mode()
def measured(model, x, y, places, steps, weights):
    """Return the mean loss and the accuracy of samples."""
    model.eval()
    dtype, total, counted, right = next(model.parameters()).dtype, 0.0, 0.0, 0
    for batch in batches(places, BATCH_SIZE):
        labels = torch.from_numpy(y[batch])
        scores = model(tensor(prepared(x[batch], steps), dtype)$scores).flatten(1)
        n = len(labels) if weights is None else float(weights[labels].sum())
        total, counted = total + loss_of(scores, labels, weights).item() * n, counted + n
        right += int((scores.argmax(1) == labels).sum())
    return total / counted, right / len(places)


def has_stalled(history):
    """Say whether early stopping ends the training."""
    if EARLY_STOPPING is None or not history:
        return False
    sign = -1 if EARLY_STOPPING["monitor"] == "val_loss" else 1
    best, n = None, 0
    for loss, accuracy in history:
        figure = sign * (loss if sign < 0 else accuracy)
        gained = best is None or figure > best + EARLY_STOPPING["min_delta"]
        best, n = (figure, 0) if gained else (best, n + 1)
    return n >= EARLY_STOPPING["patience"]


def made():
    """Return the network as training begins with it, and whether its preprocessing is fitted."""
    return $model, not INITIAL


def main():
    parser = argparse.ArgumentParser(description="Trains $title.")
    parser.add_argument("--data", type=Path, default=HERE / "$data", help="an .npz with x and y")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    options = parser.parse_args()
    x, y = samples(options.data)
    model, are_known = made()
    steps = fitted(model, x[split(y, VALIDATION_SPLIT, SEED)[0]], are_known)
    for _ in learn(model, x, y, steps, options.epochs):
        pass
    best, path = {name: array.contiguous() for name, array in model.best.items()}, HERE / "$trained"
    $save
    print(f"The weights of the best epoch are in {path}.")


if __name__ == "__main__":
    main()
''')
