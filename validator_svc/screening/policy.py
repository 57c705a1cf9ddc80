"""A policy at work: which numbers a request may have, and what else it may do."""

import datetime
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from validator_svc.access.call_policy import NO_LIMITS, CallPolicy
from validator_svc.numbering import facts
from validator_svc.screening.calling_hours import is_within
from validator_svc.screening.finding import Finding, error, warning
from validator_svc.screening.rates import Rates
from validator_svc.screening.traits import WHY_INVALID, Traits
from validator_svc.screening.values import Role

MOST_REMEMBERED = 10_000
NO_RATES = Rates({})

ZonesOf = Callable[[str], Sequence[str]]
"""The time zones (IANA names) in which a number (digits of E.164) may be."""


class Number(NamedTuple):
    """A number of a request."""

    parameter: str
    role: Role
    digits: str
    """Of E.164 without `+`."""
    traits: Traits


def listed(prefixes: Sequence[str]) -> tuple[str, ...]:
    """Prefixes without their `+`, to be compared with digits."""
    return tuple(each.lstrip("+") for each in prefixes)


class FoundOfTraits(dict[Traits, tuple[Finding, ...]]):
    """What a policy has against numbers in one parameter, by their traits; many have the same."""

    def __init__(self, judge: Callable[[Traits], Iterator[Finding]]) -> None:
        self._judge = judge

    def __missing__(self, traits: Traits) -> tuple[Finding, ...]:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        found = self[traits] = tuple(self._judge(traits))
        return found


class Policy:
    """Judges the numbers of requests. `zones_of` is asked only where there are calling hours."""

    def __init__(
        self,
        rules: CallPolicy = NO_LIMITS,
        rates: Rates = NO_RATES,
        zones_of: ZonesOf = lambda digits: (),
    ) -> None:
        self.rules = rules
        self.rates = rates
        self.zones_of = zones_of
        self.allowed, self.denied = listed(rules.allow_prefixes), listed(rules.deny_prefixes)
        self.own = frozenset(listed(rules.own_numbers))
        limits = (self.allowed, self.denied, self.own, rules.calling_hours)
        self.asks_for_digits = any(limits) or rules.max_price_per_minute is not None or bool(rates.prices)

    def of_traits(self, parameter: str, role: Role) -> FoundOfTraits:
        """What the policy has against what is known of a number that stands in a parameter."""
        return FoundOfTraits(partial(self._of_traits, parameter, role))

    def _of_traits(self, parameter: str, role: Role, traits: Traits) -> Iterator[Finding]:
        if traits.reason is not None:
            yield from self._of_invalid(parameter, traits.reason)
            return
        if traits.has_failed:
            what = "was not looked up; what is said of it is what the numbering plan knows"
            yield warning(parameter, "lookup_failed", what)
        if role == "destination":
            yield from self._of_destination(parameter, traits)

    def _of_invalid(self, parameter: str, reason: str) -> Iterator[Finding]:
        is_unallocated = reason == facts.UNALLOCATED_RANGE
        rule = "refuse_unallocated" if is_unallocated else "refuse_invalid"
        code = reason if is_unallocated else "invalid_number"
        tell = error if getattr(self.rules, rule) else warning
        yield tell(parameter, code, f"{WHY_INVALID[reason]} ({rule})")

    def _of_destination(self, parameter: str, traits: Traits) -> Iterator[Finding]:
        rules, line_type = self.rules, traits.line_type
        country = traits.country or "no country"
        if rules.refuse_risky and traits.is_risky:
            what = f"is in a risky range, {line_type or 'of unknown type'} (refuse_risky)"
            yield error(parameter, "risky_destination", what)
        if rules.refuse_unreachable and traits.reachable is False:
            yield error(parameter, "unreachable", "cannot be reached now (refuse_unreachable)")
        if rules.allow_countries and traits.country not in rules.allow_countries:
            yield error(parameter, "country_not_allowed", f"is of {country} (allow_countries)")
        if traits.country in rules.deny_countries:
            yield error(parameter, "country_not_allowed", f"is of {country} (deny_countries)")
        if rules.allow_types and line_type not in rules.allow_types:
            yield error(parameter, "type_not_allowed", f"is {line_type or 'of unknown type'} (allow_types)")
        if line_type in rules.deny_types:
            yield error(parameter, "type_not_allowed", f"is {line_type} (deny_types)")

    def of_digits(
        self, number: Number, most_of_request: Decimal | None, at: datetime.datetime
    ) -> Iterator[Finding]:
        """What the policy has against a valid number itself.

        `most_of_request`: the price of a minute that the request itself allows, USD; `at`: when it goes out.
        """
        if number.role == "caller":
            if self.own and number.digits not in self.own:
                yield self.not_own(number.parameter)
            return
        yield from self._of_prefixes(number)
        yield from self._of_price(number, most_of_request)
        hours = self.rules.calling_hours
        if hours is not None and not is_within(hours, self.zones_of(number.digits), at):
            tell = error if self.rules.calling_hours_severity == "error" else warning
            what = f"it is not {hours} where the number is (calling_hours)"
            yield tell(number.parameter, "outside_calling_hours", what)

    @staticmethod
    def not_own(parameter: str) -> Finding:
        """The finding for a caller who is not one of `own_numbers`."""
        return error(parameter, "not_own_number", "is none of one's own (own_numbers)")

    def _of_prefixes(self, number: Number) -> Iterator[Finding]:
        if self.allowed and not number.digits.startswith(self.allowed):
            yield error(number.parameter, "prefix_not_allowed", "has none of the prefixes (allow_prefixes)")
        if self.denied and number.digits.startswith(self.denied):
            yield error(number.parameter, "prefix_not_allowed", "has such a prefix (deny_prefixes)")

    def _of_price(self, number: Number, most_of_request: Decimal | None) -> Iterator[Finding]:
        limits = [("max_price_per_minute", self.rules.max_price_per_minute)]
        # Without a rate file nobody here knows what a minute costs, and the system sees to its own limit.
        limits += [("MaxPricePerMinute", most_of_request)] if self.rates.prices else []
        price = self.rates.price_of(number.digits)
        for name, most in limits:
            if most is not None and price is None:
                what = f"has no price in the rate file, so that it cannot be compared ({name})"
                yield warning(number.parameter, "price_unknown", what)
            elif most is not None and price is not None and price > most:
                what = f"costs {price:f} USD a minute, over {most:f} ({name})"
                yield error(number.parameter, "price_too_high", what)
