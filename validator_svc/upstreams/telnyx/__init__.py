"""Telnyx number lookup (https://developers.telnyx.com/api/number-lookup)."""
