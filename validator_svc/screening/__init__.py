"""Screening: requests to telecom systems that carry phone numbers, checked before they are sent."""
