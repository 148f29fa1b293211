"""ONNX models: read within bounds, simplified, and said in our kinds."""
