"""Models of Keras and TensorFlow.js as documents."""
