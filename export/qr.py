"""A QR code as a drawing that stands in a page."""

from __future__ import annotations

import segno


def qr_svg(text: str, name: str) -> str:
    """SVG with a quiet margin around it. `name` is what is read out."""
    code = segno.make(text, error="m", micro=False)
    return str(code.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None, title=name, light="#fff"))
