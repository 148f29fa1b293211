"""What is unwise though it runs: one table of advice, each piece with its rule in the module of its theme."""

from core.analysis.advice.advice import Seen
from core.analysis.advice.advise import NETWORK_CODES, Advised, advise
from core.analysis.advice.all_advice import ADVICE, DEFAULT_ADVICE, SWITCHES

__all__ = ["ADVICE", "DEFAULT_ADVICE", "NETWORK_CODES", "SWITCHES", "Advised", "Seen", "advise"]
