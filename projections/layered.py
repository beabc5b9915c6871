"""A map in two layers: what is committed below, what one batch changes above.

The sequencer decides a batch on a branch; after COMMIT the branch is merged, after a failure it is
dropped and nothing below has changed. This is the only place where state is changed in place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

K = TypeVar("K")
V = TypeVar("V")


class Layered(Generic[K, V]):
    """A dict over a dict. A key once put is only replaced until `merge`."""

    __slots__ = ("base", "top")

    def __init__(self, base: dict[K, V] | None = None) -> None:
        """Start with nothing changed over `base`."""
        self.base: dict[K, V] = {} if base is None else base
        self.top: dict[K, V] = {}

    def branch(self) -> Layered[K, V]:
        """Give a view in which changes can be made and dropped; needs an unchanged top."""
        assert not self.top
        return Layered(self.base)

    def get(self, key: K) -> V | None:
        """Give the value of `key`, the changed one first."""
        value = self.top.get(key)
        return self.base.get(key) if value is None else value

    def __getitem__(self, key: K) -> V:
        """Give the value of `key`, which must be there."""
        value = self.top.get(key)
        return self.base[key] if value is None else value

    def __contains__(self, key: K) -> bool:
        """Tell whether `key` has a value."""
        return key in self.top or key in self.base

    def put(self, key: K, value: V) -> None:
        """Set the value of `key` in the upper layer."""
        self.top[key] = value

    def merge(self, keep: Callable[[V], bool] | None = None) -> None:
        """Make the changes part of what lies below; what `keep` denies is forgotten."""
        if keep is None:
            self.base.update(self.top)
        else:
            for key, value in self.top.items():
                if keep(value):
                    self.base[key] = value
                else:
                    self.base.pop(key, None)
        self.top = {}

    def values(self) -> Iterator[V]:
        """Give every value, changed ones as changed."""
        for key, value in self.base.items():
            if key not in self.top:
                yield value
        yield from self.top.values()
