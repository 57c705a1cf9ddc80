"""Twilio Lookup v2 (https://www.twilio.com/docs/lookup/v2-api)."""

from validator_svc.upstreams.twilio.client import connected

__all__ = ["connected"]
