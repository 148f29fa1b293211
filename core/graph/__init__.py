"""Documents as immutable values, and the pure functions that edit them."""
