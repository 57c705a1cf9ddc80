"""Suppliers of paid lookups: what they answer, and how each is asked."""
