"""The HTTP service: routes, parameters, bodies, errors.

`route_table` lists every route with what it takes, `routes` has what answers them, one file a resource. A
request comes in through `entrance` and `gate` (who calls, how much is allowed); bodies are read by `body`
and `answered_body`, answers sent by `answers` (whole ones) and `sending` (streamed ones). `document`
describes it all.
"""
