"""Who may call, and how much: keys, their limits, and what was used with them."""
