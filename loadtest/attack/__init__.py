"""Attacks on a running service: small requests that are made to hang, fill or kill it.

`python -m loadtest.attack` starts one on loopback, sends them one family after the other, and prints for
each what was answered, how long `/healthz` took meanwhile, and how far the service's memory grew.
"""
