"""Files of numbers: what they look like, their rows one chunk at a time, and results beside them."""
