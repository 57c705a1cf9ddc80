"""What files of numbers look like: how they are read, and how results are written."""
