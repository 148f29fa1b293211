"""What is wrong or unwise about the samples of a data set, each with its evidence and, where there is one, a repair."""

from core.io.datasets.findings.finding import DataFinding
from core.io.datasets.findings.findings import data_findings, measured_findings
from core.io.datasets.findings.measures import Measures

__all__ = ["DataFinding", "Measures", "data_findings", "measured_findings"]
