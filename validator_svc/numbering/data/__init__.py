"""Facts as data, each file with its source, and the scripts that rebuild the generated ones."""
