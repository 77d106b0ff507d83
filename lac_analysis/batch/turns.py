"""Turns to compute: more kernels are up than compute, and a turn comes in the order in which it was
asked for.

So the start and the end of one notebook's kernel take no time from the others.
"""

import threading
import time
from collections import deque


class Turns:
    """`slots` turns at a time. Safe to use from several threads."""

    def __init__(self, slots: int):
        self._free = slots
        self._waiting: deque[Turn] = deque()
        self._changed = threading.Condition()

    def ask(self) -> "Turn":
        """A turn that comes after all those asked for before have begun, or were given up."""
        turn = Turn(self)
        with self._changed:
            self._waiting.append(turn)
        return turn

    def begin(self, turn: "Turn") -> None:
        """Wait until it is this one's turn."""
        with self._changed:
            self._changed.wait_for(lambda: self._free and self._waiting[0] is turn)
            self._waiting.popleft()
            self._free -= 1
            self._changed.notify_all()

    def end(self, turn: "Turn") -> None:
        """Leave a turn to the next; or give it up before it has come."""
        with self._changed:
            if turn in self._waiting:
                self._waiting.remove(turn)
            else:
                self._free += 1
            self._changed.notify_all()


class Turn:
    """One notebook's turn; without `turns` it need not wait. Attributes: began (UNIX time; 0
    before).
    """

    def __init__(self, turns: Turns | None = None):
        self.began = 0.0
        self._clock: float | None = None
        self._turns, self._over = turns, False

    @property
    def seconds(self) -> float:
        """Since the turn began; 0 before."""
        return 0.0 if self._clock is None else time.monotonic() - self._clock

    def begin(self) -> None:
        """Wait for the turn."""
        if self._turns:
            self._turns.begin(self)
        self.began, self._clock = time.time(), time.monotonic()

    def end(self) -> None:
        """Leave it to the next, begun or not. Once is enough, and more does no harm."""
        if self._turns and not self._over:
            self._turns.end(self)
        self._over = True
