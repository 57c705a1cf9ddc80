"""The HTTP service: routes, parameters, bodies, errors."""
