"""Frozen values that many small changes are made of: a quick copy with changes, and what is worked out of one once.

A class may say in `WORKED_OUT_OF` of which fields alone something is worked out: it outlives the change of others.
"""

from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING, Generic, TypeVar, overload

__all__ = ["once", "replace"]

Value = TypeVar("Value")
Result = TypeVar("Result")

if TYPE_CHECKING:
    from dataclasses import replace  # which fields there are, and of which type, is then checked
else:

    def replace(value: Value, /, **changes: object) -> Value:
        """Give a copy of a plain frozen dataclass with some fields changed; raise TypeError for a field it has not."""
        cls = type(value)
        held = value.__dict__.copy()
        for name in _stale(cls, *changes):
            held.pop(name, None)
        before = len(held)
        held.update(changes)
        if len(held) != before:
            raise TypeError(f"{cls.__name__} has no field {', '.join(changes.keys() - value.__dict__.keys())}")
        copy = object.__new__(cls)
        object.__setattr__(copy, "__dict__", held)
        return copy


@cache
def _stale(cls: type, *changed: str) -> tuple[str, ...]:
    """Give what is worked out of a class's values of any of these fields; of all fields where that is not said."""
    outlives: Mapping[str, Collection[str]] = getattr(cls, "WORKED_OUT_OF", {})
    names = [name for name, held in vars(cls).items() if isinstance(held, once)]
    return tuple(name for name in names if not outlives.get(name, ()) or set(outlives[name]) & set(changed))


class once(Generic[Value, Result]):  # noqa: N801 - it is read as the decorator that it is
    """A property of a frozen value that is worked out when it is first asked for (functools has one with a lock)."""

    def __init__(self, work_out: Callable[[Value], Result]) -> None:
        self._work_out = work_out
        self.__doc__ = work_out.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, value: None, owner: type) -> "once[Value, Result]": ...
    @overload
    def __get__(self, value: Value, owner: type) -> Result: ...
    def __get__(self, value: Value | None, owner: type) -> "Result | once[Value, Result]":
        if value is None:
            return self
        result = self._work_out(value)
        value.__dict__[self._name] = result
        return result
