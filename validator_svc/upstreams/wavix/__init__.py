"""The Wavix Number Validator API (https://docs.wavix.com/api-reference/number-validator/)."""

from validator_svc.upstreams.wavix.client import connected

__all__ = ["connected"]
