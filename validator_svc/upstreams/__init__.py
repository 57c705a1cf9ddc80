"""Upstreams: suppliers of paid lookups, a folder each, and what they have in common.

`protocol` is what a supplier's adapter must do, `registry` lists them, `choice` says which are set up. An
adapter asks over `http`, and turns each answer into an `Outcome`: how that joins what the plan knows stands
in `outcome`.
"""
