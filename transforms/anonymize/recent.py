"""Results for texts that come again. In: a text and what was made of it. Out: that, if still kept.

    recent = Recent[str](max_chars=1_000_000)
    recent.put(("x = 1", "python"), 5, "x = 1")
    recent.get(("x = 1", "python"))  ->  "x = 1"

The head of one pull request is the base of the next: on click two of three texts have come before.
"""

from collections import OrderedDict
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """What was put or got last; the oldest is forgotten beyond `max_chars`."""

    def __init__(self, max_chars: int) -> None:
        self._max_chars = max_chars
        self._num_chars = 0
        self._values: OrderedDict[object, tuple[int, Value]] = OrderedDict()

    def get(self, key: object) -> Value | None:
        """The value of a key, or None."""
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key][1]

    def put(self, key: object, num_chars: int, value: Value) -> None:
        """Keep a value; `num_chars` is what key and value hold together."""
        old, _ = self._values.pop(key, (0, None))
        self._values[key] = num_chars, value
        self._num_chars += num_chars - old
        while self._num_chars > self._max_chars:
            _, (oldest, _) = self._values.popitem(last=False)
            self._num_chars -= oldest
