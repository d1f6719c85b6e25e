"""63-bit ids that grow with time, so that rows lie in order wherever they were made."""

from __future__ import annotations

import secrets
import time

_RANDOM_BITS = 22


def new_id() -> int:
    """Forty-one bits of milliseconds since 1970, then twenty-two at random: never 0, fits a signed 64-bit column."""
    return (time.time_ns() // 1_000_000 << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
