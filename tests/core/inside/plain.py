"""One small network written out in plain loops: conv 3×3, ReLU, pool 2×2, Dense, with its gradients."""

import numpy as np

from core.engine.network import Network
from tests.drawing import document, layer

SIDE, DEPTH, FILTERS, CLASSES = 6, 2, 3, 4


def drawn():
    return document(
        layer("input", "Input", shape=(SIDE, SIDE, DEPTH)),
        layer("conv1", "Conv2D", "input", filters=FILTERS, kernel_size=3, padding=1),
        layer("relu1", "ReLU", "conv1"),
        layer("pool1", "MaxPool2D", "relu1"),
        layer("flat", "Flatten", "pool1"),
        layer("fc", "Dense", "flat", units=CLASSES),
        layer("softmax", "Softmax", "fc"),
    )


def network(seed=3):
    net = Network(drawn(), dtype="float64", seed=seed)
    rng = np.random.default_rng(seed)
    for name in net.weights:
        net.weights[name] = rng.normal(0, 0.5, net.weights[name].shape)
    return net


def sample(seed=5):
    return np.random.default_rng(seed).random((SIDE, SIDE, DEPTH))


class Plain:
    """The same network; `forward` first."""

    def __init__(self, net):
        self.kernel, self.bias = net.weights["conv1/kernel"], net.weights["conv1/bias"]
        self.matrix, self.shift = net.weights["fc/kernel"], net.weights["fc/bias"]

    def forward(self, x):
        padded = np.zeros((SIDE + 2, SIDE + 2, DEPTH))
        padded[1:-1, 1:-1] = x
        self.conv = np.zeros((SIDE, SIDE, FILTERS))
        for i in range(SIDE):
            for j in range(SIDE):
                for k in range(FILTERS):
                    self.conv[i, j, k] = (padded[i : i + 3, j : j + 3] * self.kernel[..., k]).sum() + self.bias[k]
        self.relu = np.maximum(self.conv, 0)
        half = SIDE // 2
        self.pool, self.winner = np.zeros((half, half, FILTERS)), {}
        for i in range(half):
            for j in range(half):
                for k in range(FILTERS):
                    window = self.relu[2 * i : 2 * i + 2, 2 * j : 2 * j + 2, k]
                    di, dj = divmod(int(window.argmax()), 2)
                    self.winner[i, j, k] = (2 * i + di, 2 * j + dj)
                    self.pool[i, j, k] = window[di, dj]
        self.scores = self.pool.ravel() @ self.matrix + self.shift
        return self.scores

    def probabilities(self, x):
        raised = np.exp(self.forward(x) - self.scores.max())
        return raised / raised.sum()

    def maps_gradient(self, label):
        """The derivative of a score by the ReLU's maps."""
        dpool = self.matrix[:, label].reshape(self.pool.shape)
        drelu = np.zeros_like(self.relu)
        for place, (i, j) in self.winner.items():
            drelu[i, j, place[2]] += dpool[place]
        return drelu

    def input_gradient(self, drelu, guided=False):
        dconv = drelu * (self.conv > 0)
        if guided:
            dconv = dconv * (drelu > 0)
        padded = np.zeros((SIDE + 2, SIDE + 2, DEPTH))
        for i in range(SIDE):
            for j in range(SIDE):
                for k in range(FILTERS):
                    padded[i : i + 3, j : j + 3] += dconv[i, j, k] * self.kernel[..., k]
        return padded[1:-1, 1:-1]
