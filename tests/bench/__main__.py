"""`make bench`: each figure beside its floor, measured in the same run."""

from __future__ import annotations

from tests.bench import answers, assemble, deck, front, generation, killed, path, table, to_and_fro, undo


def main() -> None:
    print(f"{'what':<48}{'figure':>12}{'floor':>12}{'ratio':>8}")
    for part in (path, answers, assemble, deck, front, generation, table, to_and_fro, undo, killed):
        for name, figure, floor, unit in part.run():
            print(f"{name:<48}{figure:>10.2f} {unit:<2}{floor:>9.2f} {unit:<2}{figure / floor:>7.2f}")


if __name__ == "__main__":
    main()
