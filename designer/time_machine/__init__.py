"""Back in time: what views show of an earlier moment of a run, while it goes on or after it has ended."""

from designer.time_machine.bar import TimeMachineBar
from designer.time_machine.machine import TimeMachine
from designer.time_machine.moments import Course, Moments

__all__ = ["Course", "Moments", "TimeMachine", "TimeMachineBar"]
