"""Settings and the secret; and the README, which names every setting and every command."""

import re
from pathlib import Path

import pytest
from test_cli import COMMANDS

from quiz import config, create_app, db, read_settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
SETTINGS = sorted(name for name in vars(config) if name.isupper() and name != "NUMBERS")


@pytest.mark.parametrize(
    "path", [path for path in COMMANDS if path not in {(), ("bank",), ("db",), ("export",), ("user",)}], ids=" ".join
)
def test_the_readme_names_the_command(path):
    assert f"qimma {' '.join(path)}" in README


@pytest.mark.parametrize("name", SETTINGS)
def test_the_readme_names_the_setting(name):
    assert f"`QIMMA_{name}`" in README


def test_the_readme_names_no_setting_that_is_none():
    assert sorted(set(re.findall(r"QIMMA_([A-Z_]*[A-Z])", README))) == SETTINGS


def test_each_test_that_security_names_is_there():
    named = set(re.findall(r"`(test_\w+\.py)::(test_\w+)`", (ROOT / "SECURITY.md").read_text("utf-8")))
    files = {file.name: file.read_text("utf-8") for file in (ROOT / "tests").rglob("test_*.py")}
    assert [one for one in sorted(named) if f"def {one[1]}(" not in files.get(one[0], "")] == []
    assert len(named) > 50


def test_the_numbers_are_settings():
    assert set(config.NUMBERS) == {name for name in SETTINGS if isinstance(getattr(config, name), int)}


def test_the_environment_comes_before_the_defaults(monkeypatch):
    monkeypatch.setenv("QIMMA_WORKERS", "7")
    monkeypatch.setenv("QIMMA_SECRET_KEY", "123456")
    settings = read_settings()
    assert (settings["WORKERS"], settings["SECRET_KEY"], settings["THREADS"]) == (7, "123456", 2)


def test_the_secret_is_made_once_and_kept_to_its_owner(tmp_path):
    settings = {"DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": "sqlite://", "SECRET_KEY": ""}
    apps = [create_app(settings), create_app(settings)]
    for app in apps:
        db.engine_of(app).dispose()
    secret = tmp_path / "data" / "secret"
    assert apps[0].secret_key == apps[1].secret_key == secret.read_text("ascii")
    assert len(apps[0].secret_key) > 40
    assert secret.stat().st_mode & 0o077 == 0


def test_nothing_is_made_where_a_secret_is_given(tmp_path):
    app = create_app({"DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": "sqlite://", "SECRET_KEY": "given"})
    db.engine_of(app).dispose()
    assert not (tmp_path / "data").exists()


def test_a_database_server_without_a_secret_stops_the_start(tmp_path):
    settings = {"DATA_DIR": str(tmp_path), "DATABASE_URL": "postgresql://here/qimma", "SECRET_KEY": ""}
    with pytest.raises(RuntimeError, match="QIMMA_SECRET_KEY must be set"):
        create_app(settings)
