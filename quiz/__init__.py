"""The Flask application. Nothing happens at import time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.routing import BaseConverter


def create_app(config: Mapping[str, object] | None = None) -> Flask:
    """Build the application. `config` overrides settings and environment: what tests pass in."""
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from quiz import assets, db, i18n, mail, routes, security
    from quiz.following import Following

    app = Flask(__name__, template_folder=template_folder())
    app.url_map.converters["int"] = _id_converter()
    settings = read_settings()
    settings.update(config or {})
    app.config.update(settings)
    app.config["SECRET_KEY"] = security.secret_key(app.config)
    mail.check(app.config)
    app.config.setdefault("CLOCK", lambda: datetime.now(UTC))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if app.config["PROXIES"]:
        hops = app.config["PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # how Flask documents it
    app.wsgi_app = Following(app.wsgi_app)  # type: ignore[method-assign]  # the same
    db.init_app(app)
    i18n.init_app(app)
    security.init_app(app)
    assets.init_app(app)
    routes.init_app(app)
    return app


def _id_converter() -> type[BaseConverter]:
    from werkzeug.routing import IntegerConverter, Map

    class IdConverter(IntegerConverter):
        """A number that no id can be is no address, and never reaches the database."""

        def __init__(self, map_: Map) -> None:
            super().__init__(map_, max=2**63 - 1)

    return IdConverter


def read_settings() -> dict[str, object]:
    """The settings of `quiz.config`, with the environment's QIMMA_* in their place."""
    import os

    from quiz import config

    settings: dict[str, object] = {}
    for name in dir(config):
        if name.isupper() and name != "NUMBERS":
            value = os.environ.get(f"QIMMA_{name}", getattr(config, name))
            if name in config.NUMBERS:
                try:
                    value = int(value)
                except ValueError:
                    raise RuntimeError(f"QIMMA_{name} must be a whole number, not {value!r}") from None
            settings[name] = value
    return settings


def template_folder() -> str:
    """Beside this package in the wheel, beside it in the checkout. The only place that knows."""
    from pathlib import Path

    here = Path(__file__).parent
    inside = here / "templates"
    return str(inside if inside.is_dir() else here.parent / "templates")
