"""ONNX as a format: nodes and arrays channels first, checked before they are written."""
