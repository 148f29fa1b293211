"""The window: views of a document, made with Qt."""
