"""What is in the data set that the document names: its samples, its classes, and what could not be read."""

from designer.views.data.balance import BalanceView
from designer.views.data.import_list import ImportList
from designer.views.data.samples import SamplesView
from designer.views.data.shown_data import Loaded, ShownData
from designer.views.data.source import SourcePanel

__all__ = ["BalanceView", "ImportList", "Loaded", "SamplesView", "ShownData", "SourcePanel"]
