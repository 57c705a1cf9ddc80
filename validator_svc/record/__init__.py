"""The record: what is answered for one number.

What it has stands in `record`: the names on the wire, their order, its encodings. `meanings` says it in
words. Finished records travel as NDJSON, and whoever has to know what stands in one asks `finished`.
"""
