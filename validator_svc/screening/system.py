"""A system whose requests are screened: what it takes, how it says no, where it is asked."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple, NotRequired, Required, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter
from pydantic.fields import FieldInfo
from typing_extensions import TypedDict

from validator_svc.kernel.interface import ValueKind
from validator_svc.screening.finding import Finding
from validator_svc.screening.traits import Origin
from validator_svc.screening.values import CallRequest, Open, Phone

Body = dict[str, Any]
Kind = Literal["object", "array", "string", "number", "boolean"]
Rule = Callable[[Body, Mapping[str, Origin]], Iterator[Finding]]
"""What several parameters have to do with each other; the numbers by the names of their parameters.

Of a value that any request may have of its own (`System.values`) it asks no more than whether there is one.
"""


class Refusal(NamedTuple):
    """How a system says no."""

    status: int
    body: dict[str, object]


@dataclass(frozen=True)
class Parameter:
    """A parameter of a request."""

    path: tuple[str, ...]
    """Its names from the outside in."""
    kind: Kind
    expected: str
    """What is expected of it, in words."""
    phone: Phone | None = None
    """What number it holds, if any."""
    value_kind: ValueKind | None = None
    """Of what kind any value is fine in it; a phone number is looked at by itself."""

    @cached_property
    def name(self) -> str:
        """The name with dots for nesting."""
        return ".".join(self.path)


class Place(NamedTuple):
    """A place for a number in requests."""

    name: str
    """Of its parameter."""
    path: tuple[str, ...]
    is_outermost: bool
    """Whether it is in no other parameter."""
    phone: Phone
    key: bytes
    """How its record stands in an object of JSON: to be filled with the record."""


@dataclass(frozen=True)
class System:
    """One system."""

    name: str
    model: type[CallRequest]
    paths: str
    """The paths on which it takes the request, as a pattern without the slash before it."""
    rules: tuple[Rule, ...] = ()
    is_form: bool = False
    """Whether the body is a form (`application/x-www-form-urlencoded`); else it is JSON."""
    has_plus: bool = True
    """Whether its numbers begin with `+`, as its reference writes them."""
    refusal: Callable[[list[Finding]], Refusal] | None = None
    """Its own form of an error; None where its reference shows none."""
    credentials: Literal["bearer", "basic"] = "bearer"
    """How it is told who sends a request."""

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """Every parameter by its name, an object before those in it."""
        return {each.name: each for each in parameters_of(self.model, ())}

    @cached_property
    def places(self) -> list[Place]:
        """Where numbers stand in it."""
        return [
            Place(each.name, each.path, len(each.path) == 1, each.phone, b'"%b":%%b' % each.name.encode())
            for each in self.parameters.values()
            if each.phone is not None
        ]

    @cached_property
    def values(self) -> dict[tuple[str, ...], ValueKind]:
        """Where values stand that any request may have of its own, and of what kind these are."""
        return {
            each.path: each.value_kind for each in self.parameters.values() if each.value_kind is not None
        }

    @cached_property
    def keys(self) -> dict[tuple[str, ...], frozenset[str]]:
        """The names known at each place of the body."""
        known: dict[tuple[str, ...], set[str]] = {}
        for each in self.parameters.values():
            known.setdefault(each.path[:-1], set()).add(each.path[-1])
        return {path: frozenset(names) for path, names in known.items()}

    @cached_property
    def validate(self) -> Callable[[Body], object]:
        """Raises pydantic's ValidationError for a body that is not of its shape."""
        return TypeAdapter(as_typed_dict(self.model)).validator.validate_python

    def takes(self, path: str) -> bool:
        """Whether it takes the request on that path."""
        return re.fullmatch(self.paths, path, re.ASCII) is not None


def parameters_of(model: type[CallRequest], before: tuple[str, ...]) -> Iterator[Parameter]:
    """The parameters of a model, and of those within it."""
    for name, info in model.model_fields.items():
        path = (*before, info.alias or name)
        marks = [info, *info.metadata]
        bare = info.annotation
        # What is optional is one of two, and its marks are with the one that is not None.
        for each in get_args(bare):
            if get_origin(each) is Annotated:
                bare, *inner = get_args(each)
                marks += inner
        expected = next((m.description for m in marks if isinstance(m, FieldInfo) and m.description), "")
        phone = next((mark for mark in marks if isinstance(mark, Phone)), None)
        if isinstance(bare, type) and issubclass(bare, CallRequest):
            yield Parameter(path, "object", expected)
            yield from parameters_of(bare, path)
        else:
            yield Parameter(path, kind_of(bare), expected, phone, value_kind_of(phone, marks))


def value_kind_of(phone: Phone | None, marks: Iterable[object]) -> ValueKind | None:
    """Of what kind any value is fine."""
    if phone is not None:
        # What is no number in its place has letters, or is short.
        return "number" if phone.others else "text"
    return next((mark.kind for mark in marks if isinstance(mark, Open)), None)


def as_typed_dict(model: type[CallRequest]) -> Any:
    """The model as a TypedDict by the names in the body, which pydantic checks in half the time.

    It makes no object then, and nobody would look at that.
    """
    fields: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        bare: Any = info.annotation
        if isinstance(bare, type) and issubclass(bare, CallRequest):
            bare = as_typed_dict(bare)
        # Marks of ours go along, and mean nothing to pydantic.
        marked = Annotated[(bare, *info.metadata)] if info.metadata else bare
        fields[info.alias or name] = Required[marked] if info.is_required() else NotRequired[marked]
    make: Any = TypedDict
    made = make(model.__name__, fields, total=False)
    made.__pydantic_config__ = ConfigDict(strict=True, hide_input_in_errors=True)
    return made


def kind_of(bare: object) -> Kind:
    """What JSON calls a value of that type."""
    if bare is bool:
        return "boolean"
    if bare is int or int in get_args(bare):
        return "number"
    return "array" if get_origin(bare) is list else "string"
