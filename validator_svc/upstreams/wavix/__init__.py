"""The Wavix Number Validator API: its client, and how its items map to our terms."""
