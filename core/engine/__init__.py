"""The engine: a checked document compiled into a network that computes, forwards and backwards, in NumPy alone."""
