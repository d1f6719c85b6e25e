"""Which way imports point: the table of the architecture as data, and a walk over every file's syntax tree."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STANDARD = sys.stdlib_module_names

# (path, what it may import besides the standard library). The longest path that fits a file is its rule.
MAY_IMPORT: dict[str, set[str]] = {
    "questions/": {"questions", "pydantic", "rapidfuzz"},
    # A format's own safe parser, and nothing else.
    "questions/formats/": {"questions", "pydantic", "defusedxml", "nh3", "openpyxl", "zstandard"},
    "questions/lexicon.py": {"questions", "spellchecker"},
    "export/": {"export", "questions", "genanki", "openpyxl", "segno"},
    "quiz/__init__.py": {"quiz", "flask", "werkzeug"},
    "quiz/__main__.py": {"quiz.cli"},
    "quiz/assets.py": {"flask"},
    "quiz/config.py": set(),
    "quiz/following.py": {"werkzeug", "quiz.logs"},
    "quiz/logs.py": {"flask"},
    "quiz/ids.py": set(),
    "quiz/models/": {"sqlalchemy", "quiz.ids", "quiz.models"},
    "quiz/scheduling.py": {"questions", "fsrs"},
    "quiz/i18n.py": {"questions", "babel", "flask", "flask_babel", "jinja2", "markupsafe", "werkzeug"},
    "quiz/mail.py": set(),
    "quiz/lines.py": {"sqlalchemy", "quiz.models"},
    "quiz/moving.py": {"questions.errors", "sqlalchemy", "quiz.db", "quiz.lines", "quiz.models", "quiz.services"},
    "quiz/doctor.py": {
        "alembic", "sqlalchemy", "quiz.db", "quiz.mail", "quiz.models", "quiz.moving", "quiz.security", "quiz.services",
    },
    "quiz/db.py": {"flask", "sqlalchemy", "alembic", "quiz.models"},
    "quiz/security/": {
        "flask", "flask_wtf", "werkzeug", "sqlalchemy", "quiz.models", "quiz.ids", "quiz.db", "quiz.security",
    },
    "quiz/serving.py": {"gunicorn", "quiz"},
    "quiz/starting.py": {"questions", "sqlalchemy", "quiz.db", "quiz.security", "quiz.services"},
    "quiz/services/": {"quiz.models", "quiz.ids", "quiz.scheduling", "quiz.services", "questions", "sqlalchemy"},
    "quiz/services/accounts.py": {
        "quiz.models", "quiz.ids", "quiz.scheduling", "quiz.services", "questions", "sqlalchemy", "argon2",
    },
    "quiz/services/common_passwords.py": {"questions", "zxcvbn"},
    "quiz/services/fitting.py": {
        "quiz.models", "quiz.ids", "quiz.scheduling", "quiz.services", "sqlalchemy", "fsrs_rs_python",
    },
    "quiz/routes/": {
        "flask", "flask_wtf", "werkzeug", "pydantic", "quiz.services", "quiz.routes", "quiz.db", "quiz.security",
        "quiz.i18n", "quiz.logs", "quiz.mail", "questions",
    },
    "quiz/routes/transfers.py": {
        "flask", "quiz.services", "quiz.routes", "quiz.db", "quiz.security", "quiz.i18n", "questions", "export",
    },
    **{
        file: {
            "flask", "quiz.services", "quiz.routes", "quiz.db", "quiz.security", "quiz.i18n", "questions", "export",
        }
        for file in ("quiz/routes/results.py", "quiz/routes/files.py", "quiz/routes/importing.py")
    },
    **{
        file: {  # a drawing of ours goes into the page as it is
            "flask", "markupsafe", "quiz.services", "quiz.routes", "quiz.db", "quiz.security", "quiz.i18n", "questions",
            "export",
        }
        for file in ("quiz/routes/classes.py", "quiz/routes/second_factor.py")
    },
    "quiz/cli.py": {"click", "quiz", "questions", "export", "sqlalchemy"},
    "quiz/migrations/": {"alembic", "sqlalchemy", "quiz.models"},
}  # fmt: skip
NOT = {"quiz/cli.py": "quiz.routes"}
# Imported when a command runs, never at the top: `qimma --help` stays quick.
LATE_IN_CLI = {"quiz", "questions", "export", "sqlalchemy"}

FILES = sorted(
    str(file.relative_to(ROOT))
    for package in ("quiz", "questions", "export")
    for file in (ROOT / package).rglob("*.py")
)


def imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def allowed(name: str, may: set[str]) -> bool:
    return name.split(".")[0] in STANDARD or any(name == one or name.startswith(f"{one}.") for one in may)


def rule_of(file: str) -> str:
    return max((path for path in MAY_IMPORT if file.startswith(path)), key=len)


@pytest.mark.parametrize("file", FILES)
def test_a_module_imports_only_what_its_place_allows(file):
    names = imported(ast.parse((ROOT / file).read_text("utf-8")))
    assert sorted(name for name in names if not allowed(name, MAY_IMPORT[rule_of(file)])) == []


@pytest.mark.parametrize(("file", "banned"), NOT.items())
def test_the_command_leaves_routes_alone(file, banned):
    names = imported(ast.parse((ROOT / file).read_text("utf-8")))
    assert [name for name in names if name.startswith(banned)] == []


def test_the_command_imports_the_house_late():
    tree = ast.parse((ROOT / "quiz/cli.py").read_text("utf-8"))
    top = {name for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom) for name in imported(node)}
    assert [name for name in top if name.split(".")[0] in LATE_IN_CLI] == []


STYLES = sorted(
    str(file.relative_to(ROOT)) for pattern in ("quiz/static/*.css", "export/anki/*.css") for file in ROOT.glob(pattern)
)
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset)-(?:left|right)|(?:left|right)\s*:|(?:text-align|float|clear)\s*:\s*(?:left|right))"
)


@pytest.mark.parametrize("file", STYLES)
def test_a_stylesheet_knows_no_left_and_right(file):
    assert PHYSICAL.findall((ROOT / file).read_text("utf-8")) == []


TEMPLATES = sorted(str(file.relative_to(ROOT)) for file in (ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("file", TEMPLATES)
def test_a_template_never_switches_escaping_off(file):
    text = (ROOT / file).read_text("utf-8")
    assert re.findall(r"\|\s*safe\b|autoescape\s+false", text) == []


@pytest.mark.parametrize("file", TEMPLATES)
def test_a_template_has_no_inline_script_or_style(file):
    text = (ROOT / file).read_text("utf-8")
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text) == []


SOURCES = [
    file
    for pattern in (
        "quiz/**/*.py",
        "questions/**/*",
        "export/**/*",
        "templates/**/*",
        "quiz/static/*",
        "*.md",
        "Makefile",
    )
    for file in ROOT.glob(pattern)
    if file.is_file() and file.suffix in {".py", ".toml", ".html", ".css", ".js", ".md", ""}
]


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_file_holds_eight_words_of_the_article_in_a_row(file):
    from questions import generate, lint

    text = file.read_text("utf-8")
    assert lint.read_runs(generate.packaged()) & set(lint.run_hashes(text)) == set()
