"""Screening put together, for the life of a process: what answers numbers, and everybody's policy."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from validator_svc.access import call_policy
from validator_svc.config import ConfigError, Settings
from validator_svc.lookup.resolver import Resolver
from validator_svc.screening.number_answers import NumberReader
from validator_svc.screening.policy import NO_RATES, Policy
from validator_svc.screening.rates import Rates, load_rates
from validator_svc.screening.registry import SYSTEMS
from validator_svc.screening.screener import Screener

MOST_POLICIES = 1_000


class ScreeningSettings(NamedTuple):
    """What is set for everybody."""

    policy: Mapping[str, Any]
    """The fields of the default policy that are set."""
    rates: Rates = NO_RATES


def screening_settings(settings: Settings) -> ScreeningSettings:
    """The part of the settings that is about screening. Raises ConfigError."""
    try:
        policy = call_policy.parsed(settings.screen_policy)
    except ValueError as error:
        raise ConfigError(f"VALIDATOR_SCREEN_POLICY: {error}") from None
    try:
        rates = load_rates(settings.rate_file) if settings.rate_file else NO_RATES
    except (OSError, ValueError) as error:
        raise ConfigError(f"VALIDATOR_RATE_FILE: {settings.rate_file}: {error}") from None
    return ScreeningSettings(policy, rates)


class Screening:
    """Makes screeners; one for a process."""

    def __init__(self, settings: ScreeningSettings, resolver: Resolver) -> None:
        self.settings = settings
        self.reader = NumberReader(resolver)
        self._screener = lru_cache(MOST_POLICIES)(self._made)

    def screener(self, system: str, own_policy: Mapping[str, Any] | None = None) -> Screener:
        """The screener of a system for somebody with fields of a policy of his own. Raises KeyError."""
        return self._screener(system, orjson.dumps({**(own_policy or {})}, option=orjson.OPT_SORT_KEYS))

    def _made(self, system: str, own_policy: bytes) -> Screener:
        rules = call_policy.checked({**self.settings.policy, **orjson.loads(own_policy)})
        return Screener(SYSTEMS[system], Policy(rules, self.settings.rates, self.reader.zones_of))
