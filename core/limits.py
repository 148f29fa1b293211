"""Budgets: how much one document may hold and one check may say or try. What goes beyond is answered in a sentence.

They keep the check of any file of up to 10 MB within seconds and a gigabyte; `tests/benchmarks/hostile.py` measures it.
`docs/adr/0014-every-check-has-a-budget.md` says why each is where it is.
"""

LARGEST_FILE = 16 << 20
"""Bytes of a document; a design of a thousand layers takes a fiftieth of it."""
MOST_LAYERS = 100_000
"""Layers of a document, as it is written and with its blocks unfolded."""
MOST_IMPORTED = 50_000
"""Nodes, calls or layers of a model of another program, which takes longer to read; a ResNet-152 has a thousand."""
MOST_UNFOLDED_LETTERS = 30_000_000
"""Letters of the layers that blocks stand for, written out: of ids, inputs, and settings that cannot be read."""
DEEPEST = 100
"""Brackets within brackets of a file; a block's layer has its settings at the eighth."""
DEEPEST_BLOCKS = 32
"""Blocks within blocks."""
LONGEST_NAME = 1_000
"""Letters of an id, of the name of a block, or of any other key."""
MOST_FAULTY_LAYERS = 1_000
"""Layers of which everything is listed that is wrong with their settings; the others are counted."""
MOST_OF_A_KIND = 1_000
"""Problems of one kind that are listed; the others are counted."""
MOST_OF_ONE = 20
"""Unknown keys, refused entries or dangling inputs of one layer, or one part of the file, that are listed."""
MOST_OUTPUTS_ADVISED = 100
"""Outputs that a network may have for advice about the whole of it: each is followed back to its sources."""
MOST_TRIALS = 60
"""Fixes that are tried in one check; further problems show theirs once the first ones are fixed."""
MOST_CHECKED_FOR_ERRORS = 50_000
"""Layers that all trials of fixes of errors may look at in one check; larger documents get fewer trials."""
MOST_CHECKED_FOR_ADVICE = 4_000
"""The same for fixes of advice and notes."""
MOST_EDITS = 100
"""Edits of one fix: what takes more is a new design."""
