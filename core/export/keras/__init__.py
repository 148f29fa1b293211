"""A document as a Keras 3 model: a `.keras` file that needs no Keras to be written, and readable functional code."""
