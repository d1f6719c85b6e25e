"""A bank as an Anki deck: the file that learners keep for years, so its identity never changes."""

from export.anki.package import DeckSummary, write_deck

__all__ = ["DeckSummary", "write_deck"]
