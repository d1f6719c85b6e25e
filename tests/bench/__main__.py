"""`make bench`: each figure beside its floor, measured in the same run. Names of parts run those alone."""

from __future__ import annotations

import sys
from importlib import import_module

PARTS = ("path", "answers", "assemble", "deck", "fitting", "front", "generation", "table", "to_and_fro", "undo")
LONG = ("growing", "killed", "scale")  # minutes each; scale takes twenty, and some gigabytes


def main(*chosen: str) -> None:
    print(f"{'what':<56}{'figure':>12}{'floor':>12}{'ratio':>8}")
    for part in chosen or PARTS + LONG:
        for name, figure, floor, unit in import_module(f"tests.bench.{part}").run():
            print(f"{name:<56}{figure:>10.2f} {unit:<2}{floor:>9.2f} {unit:<2}{figure / floor:>7.2f}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
