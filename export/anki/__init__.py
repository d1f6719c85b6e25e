"""A bank as an Anki deck: the file that learners keep for years, so its identity never changes."""

from export.anki.compare import Comparison, compare
from export.anki.package import DeckSummary, write_deck

__all__ = ["Comparison", "DeckSummary", "compare", "write_deck"]
