"""Bank files that are read back and written: one module a format."""
