"""Compiling the metadata of `phonenumbers` into the one file in which the numbering plan is walked."""
