"""What the numbering plan knows of a number: pure functions and tables, no I/O."""
