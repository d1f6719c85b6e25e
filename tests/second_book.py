"""The second fact book, of an invented event, and the same book as one that is written in one language."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "second_bank"
_OTHER = {"ar": "en", "en": "ar"}


def in_one(lang: str, folder: Path) -> Path:
    """The book without its texts and units in the other language, as files."""
    line = re.compile(rf"^[a-z_.]+\.{_OTHER[lang]} = .*\n", re.MULTILINE)
    for file in FOLDER.glob("*.toml"):
        text = line.sub("", file.read_text("utf-8"))
        (folder / file.name).write_text(declaring(lang, text), "utf-8")
    return folder


def both_declaring(lang: str, folder: Path) -> Path:
    """The book with all its texts, as one that declares a single language."""
    for file in FOLDER.glob("*.toml"):
        (folder / file.name).write_text(declaring(lang, file.read_text("utf-8")), "utf-8")
    return folder


def declaring(lang: str, text: str) -> str:
    return text.replace('languages = ["ar", "en"]', f'languages = ["{lang}"]')
