"""Validates phone numbers in bulk: the numbering plan for free, paid lookups once."""
