"""63-bit ids that grow with time, so that rows lie in order wherever they were made."""

from __future__ import annotations

import random
import secrets
import time

_RANDOM_BITS = 22


def new_id() -> int:
    """Forty-one bits of milliseconds since 1970, then twenty-two at random: never 0, fits a signed 64-bit column."""
    return (time.time_ns() // 1_000_000 << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)


def new_ids(count: int) -> list[int]:
    """So many at once, all different: a few thousand drawn one by one within a millisecond would often meet."""
    now = time.time_ns() // 1_000_000 << _RANDOM_BITS
    return [now | number for number in random.SystemRandom().sample(range(1 << _RANDOM_BITS), count)]
