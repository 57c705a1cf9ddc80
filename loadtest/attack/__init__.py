"""Attacks on a running service: small requests that are made to hang, fill or kill it.

`python -m loadtest.attack` starts one on loopback, sends them one family after the other, and prints for
each what was answered, how long `/healthz` took meanwhile, how long the event loop was held by what the
service does (see `tests.held`; what else the machine does is in `/healthz` only), and how much memory it has.
"""
