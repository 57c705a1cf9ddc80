"""The record: what is answered for one number.

What it has stands in `record`: the names on the wire, their order, what each means, its encodings. `meanings`
says in words what single values mean. Finished records travel as NDJSON, and whoever has to know what stands
in one asks `finished`.
"""
