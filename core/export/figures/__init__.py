"""A document as a figure for papers and pages: layers as boxes, wires as arrows, text as text."""
