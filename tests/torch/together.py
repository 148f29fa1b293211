"""Run by torchrun: `convograph` in float64, where one process is killed after a step if the environment says so."""

import os
import signal
import sys
from functools import partial

import torch

import main
from core.engine.network import Network
from core.engines.pytorch.engine import TorchEngine
from core.training import trainer

if __name__ == "__main__":
    torch.set_num_threads(1)
    trainer.Network = partial(Network, dtype="float64")
    rank, step = (int(word) for word in os.environ.get("KILLED", "-1 0").split())
    if os.environ["RANK"] == str(rank):
        move = TorchEngine.move

        def move_and_die(self, penalty, optimizer, moments, at, scratch, rate):
            move(self, penalty, optimizer, moments, at, scratch, rate)
            if at == step:
                os.kill(os.getpid(), signal.SIGKILL)

        TorchEngine.move = move_and_die
    sys.exit(main.main(sys.argv[1:]))
