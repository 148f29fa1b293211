"""Training settings that are each right, but don't suit the data or each other."""

from __future__ import annotations

from collections.abc import Iterator

from core.graph.training import TrainingSettings
from core.io.datasets import DataFacts, n_kept_back
from core.learning.schedules import Plateau
from core.problems import Fix, Problem, SetTraining
from core.text import counted

USUAL_SPLIT = 0.2


def setting_problems(settings: TrainingSettings, facts: DataFacts | None) -> Iterator[Problem]:
    """Yield what keeps a training with these settings from doing what they say.

    Parameters
    ----------
    facts : DataFacts or None
        What is known of the data.
    """
    if facts is not None:
        yield from _weight_problems(settings, facts)
    n_validation = settings.validation_split if facts is None else n_kept_back(facts.n, settings.validation_split)
    if not n_validation:
        yield from _validation_problems(settings)


def _weight_problems(settings: TrainingSettings, facts: DataFacts) -> Iterator[Problem]:
    weights, n_classes = settings.class_weights, facts.n_classes - settings.first_label
    if weights is None or weights == "balanced" or len(weights) == n_classes:
        return
    classes = counted(n_classes, "class", "classes")
    yield Problem(
        "TRAIN-WEIGHTS",
        what=f"class_weights has {counted(len(weights), 'number')}, but {facts.name} has {classes}.",
        why="Give one number for each class.",
        field="class_weights",
        path="$.training.class_weights",
        fixes=(
            Fix("Balance the classes", (SetTraining({"class_weights": "balanced"}),)),
            Fix("Let all classes count alike", (SetTraining({"class_weights": None}),)),
        ),
    )


def _validation_problems(settings: TrainingSettings) -> Iterator[Problem]:
    """Yield the settings that follow validation figures, where there are none."""
    following: list[tuple[str, str, str]] = []
    if settings.early_stopping is not None:
        following.append(("early_stopping", "early stopping", "Train without early stopping"))
    if isinstance(settings.schedule, Plateau):
        following.append(("schedule", "the schedule Plateau", "Keep the learning rate as it is"))
    if not following:
        return
    name, who, _ = following[0]
    without = tuple(Fix(label, (SetTraining({name: None}),)) for name, _, label in following)
    if len(following) > 1:
        who = " and ".join(each for _, each, _ in following)
        without = (Fix("Train without both", (SetTraining({name: None for name, *_ in following}),)),)
    follow = "follow" if len(following) > 1 else "follows"
    yield Problem(
        "TRAIN-VALIDATION",
        what=f"{who[0].upper()}{who[1:]} {follow} the validation loss or accuracy, but no samples are kept back.",
        why=f"Set validation_split to {USUAL_SPLIT}, or do without.",
        field=name,
        path=f"$.training.{name}",
        fixes=(
            Fix(f"Keep {USUAL_SPLIT:.0%} of the samples back", (SetTraining({"validation_split": USUAL_SPLIT}),)),
            *without,
        ),
    )
