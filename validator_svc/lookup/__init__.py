"""Lookups of lists: the numbering plan first, then the cache, and only then an upstream, for money.

`resolver` takes texts and gives finished lines, in order. It reads ahead in lookup batches of a thousand
(`lookup_batch`); what neither plan nor cache knows the `dispatcher` asks of the upstreams, once for each
number however many requests wait for it (`inflight`), within each supplier's rate and budget, behind its
breaker. What comes of a number is the `settlement`'s business: kept and told, passed on to the next supplier,
or filled in by one.
"""
