"""The Wavix Number Validator API (https://docs.wavix.com/api-reference/number-validator/)."""
