"""What is wrong or unwise about the samples of a data set, each with its evidence and, where there is one, a repair."""

from core.io.datasets.findings.finding import DataFinding
from core.io.datasets.findings.findings import data_findings

__all__ = ["DataFinding", "data_findings"]
