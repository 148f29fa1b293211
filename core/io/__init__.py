"""Everything that touches files: documents, weights, data sets, templates, the schema."""
