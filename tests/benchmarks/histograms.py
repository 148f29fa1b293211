"""What a step costs while histograms are shown, compared to one without, in turn within one run."""

from statistics import median
from time import perf_counter, thread_time

from core.engine.threads import ONE_THREAD
from core.graph.edits import set_training
from core.io.templates import load_template
from core.training.messages import Batch
from core.training.trainer import Trainer
from designer.training.worker import SNAPSHOT_SECONDS

ROUNDS, SECONDS = 8, 1.0
NETWORKS = {"LeNet-5": "lenet5", "a perceptron": "mlp", "a small CNN": "digits_cnn"}


def main():
    print(f"{'ms per step of 32 digits, one replica':44}{'without':>10}{'shown':>10}{'ratio':>8}")
    for title, name in NETWORKS.items():
        without, shown = measured(name)
        print(f"{title:44}{without:10.3f}{shown:10.3f}{shown / without:8.3f}")


def measured(name):
    """Return the milliseconds of a step without histograms, and with them."""
    training = {"dataset": "digits", "resize": "stretch", "epochs": 10**5, "validation_split": 0}
    trainer = Trainer(set_training(load_template(name), training), replicas=1)
    counter, messages = trainer.meter.counter, trainer.messages()
    times = {False: [], True: []}
    with ONE_THREAD:
        for number in range(2 * ROUNDS + 2):
            counter.is_on = bool(number % 2)
            took = step_ms(messages, counter)
            if number >= 2:  # the first of each make plans
                times[counter.is_on].append(took)
    return median(times[False]), median(times[True])


def step_ms(messages, counter):
    """Train for a while; return the milliseconds of a step, what is counted being fetched as the window does.

    They are those of the thread, so that other programs disturb them less.
    """
    began = looked = perf_counter()
    n, computed = 0, thread_time()
    while (now := perf_counter()) - began < SECONDS:
        n += isinstance(next(messages), Batch)
        if counter.is_on and now - looked >= SNAPSHOT_SECONDS:
            looked = now
            counter.take()
    return 1e3 * (thread_time() - computed) / n


if __name__ == "__main__":
    main()
