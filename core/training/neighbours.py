"""t-SNE in a process of its own, which ends when nobody wants it any more: scikit-learn's cannot be interrupted.

Source: van der Maaten and Hinton, "Visualizing Data using t-SNE", JMLR 2008.
"""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import NetworkError
from core.own_process import own_command, own_environment, unasked_to_end
from core.work import Work

LEAST_POINTS: Final = 5
"""Of fewer, t-SNE finds no neighbourhoods."""
USUAL_PERPLEXITY: Final = 30.0
N_STEPS: Final = 1000
LOOK_S: Final = 0.05
"""So often it is looked whether it is done."""
_ROWS, _AT, _SAID = "rows.npy", "at.npy", "said.txt"


def perplexity_for(n: int) -> float:
    """Return how many neighbours count: the usual number, or a third of few points.

    >>> perplexity_for(1000), perplexity_for(10)
    (30.0, 3.0)
    """
    return min(USUAL_PERPLEXITY, (n - 1) / 3)


def by_neighbours(rows: NDArray[np.float64]) -> Work[NDArray[np.float64]]:
    """Keep neighbours together: (n, D) -> (n, 2). It begins from the two directions of most variance.

    Giving the work up ends the process.

    Raises
    ------
    NetworkError
        There are too few points, scikit-learn is not installed, or it failed.
    """
    if len(rows) < LEAST_POINTS:
        raise NetworkError(f"t-SNE needs {LEAST_POINTS} samples or more, and here are {len(rows)}.")
    if not (find_spec("sklearn") and find_spec("threadpoolctl")):
        raise NetworkError(
            "t-SNE comes with scikit-learn, which is not installed here. Install it with: python -m pip install "
            "scikit-learn. PCA needs nothing."
        )
    with TemporaryDirectory(prefix="convograph-") as name:
        folder = Path(name)
        np.save(folder / _ROWS, rows)
        with (folder / _SAID).open("wb") as said, unasked_to_end():
            process = subprocess.Popen(
                own_command("core.training.neighbours", name),
                env=own_environment(),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        try:
            while process.poll() is None:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(LOOK_S)
                yield _done((folder / _SAID).read_text(errors="replace"))
        finally:
            process.kill()
            process.wait()
        if process.returncode:
            last = (folder / _SAID).read_text(errors="replace").strip().rpartition("\n")[2]
            why = last or f"status {process.returncode}"
            raise NetworkError(f"t-SNE did not come to an end ({why}). PCA needs nothing.")
        return np.asarray(np.load(folder / _AT, allow_pickle=False), np.float64)


def _done(said: str) -> float:
    r"""Return the share of the steps that are done, by what scikit-learn has said so far.

    >>> _done(""), _done("[t-SNE] Iteration 50: error = 1.2\n[t-SNE] Iteration 250: error = 1")
    (0.0, 0.25)
    """
    steps = re.findall(r"Iteration (\d+):", said)
    return min(1.0, int(steps[-1]) / N_STEPS) if steps else 0.0


def main() -> None:
    """Lay out the rows that lie in the folder which the argument names."""
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    folder = Path(sys.argv[1])
    rows = np.load(folder / _ROWS, allow_pickle=False)
    # Its threads would wait for each other at every step, and a training needs the other core.
    with threadpool_limits(1):
        tsne = TSNE(
            perplexity=perplexity_for(len(rows)), init="pca", random_state=0, n_jobs=1, max_iter=N_STEPS, verbose=2
        )
        np.save(folder / _AT, tsne.fit_transform(rows))


if __name__ == "__main__":
    main()
