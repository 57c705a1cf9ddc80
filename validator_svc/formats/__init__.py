"""Formats of files: what a file of numbers is, how its rows are read, and how results are written.

What is read stands in one table (`input_formats`), how it is compressed in another (`compression`), what is
written in a third (`output_formats`). `layout` finds the header, the delimiter, the phone column and the
column of countries; `answered` takes a file through the kernel, in blocks of whole rows.
"""
