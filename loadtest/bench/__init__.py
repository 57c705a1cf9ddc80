"""The benchmark of the numbering plan against the libraries that people use today."""
