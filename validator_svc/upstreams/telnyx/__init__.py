"""Telnyx number lookup (https://developers.telnyx.com/api/number-lookup)."""

from validator_svc.upstreams.telnyx.client import connected

__all__ = ["connected"]
