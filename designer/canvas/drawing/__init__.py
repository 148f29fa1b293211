"""What is painted: cards, wires, notes, and where they stand."""
