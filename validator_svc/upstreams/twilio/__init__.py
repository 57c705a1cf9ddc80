"""Twilio Lookup v2 (https://www.twilio.com/docs/lookup/v2-api)."""
