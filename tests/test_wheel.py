"""The wheel, built and installed outside the checkout, serves the site by itself."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(  # noqa: S603  (our own command)
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(  # noqa: S603  (our own command)
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(folder), wheel],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


def test_only_our_three_packages_land_among_others(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"quiz", "questions", "export"}
    assert "quiz/templates/base.html" in names


def test_what_is_not_code_is_in_it(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "questions/summit/book.toml", "questions/summit/ledger.json", "questions/summit/runs.json",
        "quiz/static/style.css", "quiz/static/app.js", "quiz/static/service-worker.js", "quiz/static/icon-512.png",
        "quiz/translations/ar/LC_MESSAGES/messages.mo",
        "quiz/migrations/env.py", "quiz/migrations/versions/0001_the_first_tables.py", "export/anki/card.css",
    } <= names  # fmt: skip


def test_it_serves_the_first_page(installed, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ, "PYTHONPATH": str(installed), "QIMMA_DATA_DIR": str(tmp_path / "data"), "QIMMA_WORKERS": "1",
    }  # fmt: skip
    where = subprocess.run(
        [sys.executable, "-c", "import quiz; print(quiz.__file__)"],
        env=environment, cwd=tmp_path, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert where.stdout.strip() == str(installed / "quiz" / "__init__.py")
    log = (tmp_path / "log").open("w")
    process = subprocess.Popen(  # noqa: S603  (our own command)
        [sys.executable, str(installed / "bin" / "qimma"), "serve", "--port", str(port)],
        env=environment, cwd=tmp_path, stdout=log, stderr=log,
    )  # fmt: skip
    try:
        page = _first_page(port, process)
    finally:
        process.terminate()
        process.wait(20)
        log.close()
    assert "7 December 2021" in page
    assert "Instructor, sign in once with:" in (tmp_path / "log").read_text("utf-8")


def _first_page(port: int, process: subprocess.Popen[bytes]) -> str:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/", headers={"Accept-Language": "en"})
    for _ in range(300):
        assert process.poll() is None, "the server stopped"
        try:
            with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310  (our own address)
                return response.read().decode()
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")
