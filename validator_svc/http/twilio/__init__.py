"""Twilio Lookup v2, as its clients know it: its names, its packages of data, its errors."""
