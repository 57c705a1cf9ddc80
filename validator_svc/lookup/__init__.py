"""Answers for lists of numbers: from the numbering plan, the cache, and only then from an upstream."""
