"""The commands there are: add one here. Help, README's table and what opens no window follow."""

from __future__ import annotations

from core.commands.bench import BENCH
from core.commands.check import CHECK
from core.commands.command import Command
from core.commands.data import DATA
from core.commands.diff import DIFF
from core.commands.evaluate import EVALUATE
from core.commands.export import EXPORT
from core.commands.import_model import IMPORT
from core.commands.plan import PLAN
from core.commands.predict import PREDICT
from core.commands.rates import RATES
from core.commands.run import RUN
from core.commands.sanity import SANITY
from core.commands.schema import SCHEMA
from core.commands.search import SEARCH
from core.commands.summary import SUMMARY
from core.commands.train import TRAIN
from core.commands.zoo import ZOO

COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        CHECK,
        SUMMARY,
        DIFF,
        EXPORT,
        IMPORT,
        DATA,
        SANITY,
        RATES,
        TRAIN,
        SEARCH,
        EVALUATE,
        PREDICT,
        PLAN,
        RUN,
        BENCH,
        ZOO,
        SCHEMA,
    )
}
"""What the first word on the command line may be, in the order of the help."""
