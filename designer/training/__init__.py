"""Training from the window: the run, its thread, and what looks into the network while it learns."""

from designer.training.doctor import DoctorPanel
from designer.training.looking.answering import Answering
from designer.training.looking.feed import Feed
from designer.training.looking.gradient_gauge import GradientGauge
from designer.training.looking.live import Live
from designer.training.looking.looker import Looker
from designer.training.looking.pinned import Pinned
from designer.training.looking.preview import Preview
from designer.training.progress import Progress
from designer.training.range_panel import RangePanel
from designer.training.run import Run
from designer.training.run_on_chooser import RunOnChooser
from designer.training.runs.bar import TrainBar
from designer.training.runs.following import Following
from designer.training.runs.left_runs import LeftRuns, left_runs
from designer.training.runs.run_chooser import RunChooser, RunsMenu
from designer.training.runs.runs import Runs
from designer.training.runs.runs_panel import RunsPanel
from designer.training.sanity_panel import SanityPanel
from designer.training.stopwatch import Stopwatch

__all__ = [
    "Answering",
    "DoctorPanel",
    "Feed",
    "Following",
    "GradientGauge",
    "LeftRuns",
    "Live",
    "Looker",
    "Pinned",
    "Preview",
    "Progress",
    "RangePanel",
    "Run",
    "RunChooser",
    "RunOnChooser",
    "Runs",
    "RunsMenu",
    "RunsPanel",
    "SanityPanel",
    "Stopwatch",
    "TrainBar",
    "left_runs",
]
