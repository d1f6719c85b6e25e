"""HTML and Moodle's other text formats to our plain text, and back.

Our text knows lines and `**emphasis**`; what else was there is taken out, and the caller hears of it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

import nh3

from questions.texts import DIRECTION, LANGS, Lang

Picture = Callable[[str, str], str]  # (address, what it shows) -> what stands in its place

LONGEST = 200_000  # characters of one text with its markup: what comes after is cut, and the cut is told
MOST_TAGS = 3_000  # of one text: a text of more is no text
_BLOCKS = frozenset(
    ("p", "div", "li", "ul", "ol", "dl", "dt", "dd", "tr", "table", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5",
     "h6", "hr", "figure", "figcaption")
)  # fmt: skip
_STRONG = frozenset(("b", "strong"))
_KEPT = {*_BLOCKS, *_STRONG, "br", "sub", "sup", "img", "a", "audio", "video", "source", "td", "th", "code"}
_ATTRIBUTES = {"img": {"src", "alt"}, "a": {"href"}, "audio": {"src"}, "source": {"src"}, "video": {"src"}}
# Nothing to see is lost with these. Pictures and sounds are told of by whoever takes them.
_PLAIN = frozenset(
    ("p", "br", "b", "strong", "div", "span", "ul", "ol", "li", "dl", "dt", "dd", "sub", "sup", "pre", "img", "audio",
     "video", "source", "html", "head", "body")
)  # fmt: skip
_STYLED = re.compile(r"""\bstyle\s*=\s*["'][^"'<>]*(?:color|decoration|italic|bold|vertical-align)""")
_NAMES = (
    "a abbr address article aside audio b bdi bdo big blockquote body br button caption center cite code col colgroup "
    "data dd del details dfn div dl dt em embed fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 head "
    "header hr html i iframe img input ins kbd label lang li link main mark math meta nav noscript object ol p param "
    "pre q rp rt ruby s samp script section small source span strike strong style sub summary sup svg table tbody td "
    "textarea tfoot th thead title tr track tt u ul var video "
    "maction menclose mfenced mfrac mi mmultiscripts mn mo mover mpadded mroot mrow ms mspace msqrt mstyle msub "
    "msubsup msup mtable mtd mtext mtr munder munderover semantics annotation o:p"
)
_TAG_NAMES = frozenset(_NAMES.split())
_OPENS = re.compile(r"<(?!!--)(/?)([A-Za-z][A-Za-z0-9:-]{0,20})?")
_TOKEN = re.compile(r'<(/?)([a-z0-9]+)((?: [a-z]+="[^"]*")*) ?/?>|([^<]+)|<')
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_LOOKS_HTML = re.compile(r"</?([A-Za-z][A-Za-z0-9]{0,20})[\s/>]|&(?:[A-Za-z]{2,8}|#\d{1,7}|#x[0-9A-Fa-f]{1,6});")
_SPACE = re.compile(r"[ \t\r\n\f\xa0]+")
_SUPER = str.maketrans("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ")
_SUB = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")

# Marks inside this module: the end of a block, emphasis on and off, a space and a line of preformatted text.
_BLOCK, _ON, _OFF, _KEEP_SPACE, _KEEP_LINE = "\x01", "\x02", "\x03", "\x04", "\x05"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ue000-\ue00f\ufffe\uffff]")


# Marks of direction, zero-width space, soft hyphen. Joiners stay: they hold emoji and Persian words together.
_UNSEEN = re.compile("[\u200b\u200e\u200f\u061c\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad]")
_LETTER = "\u0621-\u063f\u0641-\u064a\u064b-\u065f\u0670-\u06d3"
# A tatweel within a word is drawing; one at its end may be meant: «هـ» of a year, «الـ» before a Latin name.
_TATWEEL = re.compile(f"(?<=[{_LETTER}])\u0640+(?=[{_LETTER}])")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_OTHER_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SUSPECT = re.compile(
    "[\u00a0\u00ad\u0640\u061c\u2000-\u200b\u200e\u200f\u202a-\u202f\u205f-\u2069\u3000\ufeff\x00-\x08\x0b-\x1f\x7f-\x9f]"
)


def clean(text: str) -> tuple[str, bool]:
    """Text without what nobody sees and no search finds, its lines parted by "\\n"; and whether any was taken out."""
    if not _SUSPECT.search(text):
        return text.strip(), False
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\x85", "\n")
    plain = _SPACES.sub(" ", lines)
    kept = _TATWEEL.sub("", _OTHER_CONTROL.sub("", _UNSEEN.sub("", plain)))
    return kept.strip(), kept != plain


def to_plain(source: str, picture: Picture | None = None) -> tuple[str, bool]:
    """HTML as our text, and whether something that one could see was taken out."""
    written = _CONTROL.sub("", source[:LONGEST])
    names = {name.lower() for slash, name in _OPENS.findall(written) if name and not slash}
    lost = bool(names & _TAG_NAMES - _PLAIN) or _STYLED.search(written) is not None
    if written.count("<") > MOST_TAGS:
        written, lost = written.replace("<", " "), True
    walker = _Walker(picture or (lambda _address, shows: shows))
    for slash, name, attributes, text in _TOKEN.findall(_tame(written)):
        if name:
            walker.tag(name, attributes, closing=bool(slash))
        else:
            walker.text(_unescape(text))
    text, cleaned = clean(walker.done())
    return text, cleaned or lost or len(source) > LONGEST


def _tame(written: str) -> str:
    """Well-formed HTML of the few elements that are looked at. What is no tag ("a < b", "List<int>") stays text."""
    opened = _OPENS.sub(lambda at: at[0] if at[2] and at[2].lower() in _TAG_NAMES else f"&lt;{at[0][1:]}", written)
    return nh3.clean(opened, tags=_KEPT, attributes=_ATTRIBUTES, url_schemes={"http", "https", "data"}, link_rel=None)


def _unescape(text: str) -> str:
    """The five that tame HTML still has: every other entity is a letter by then."""
    for entity, char in (("&nbsp;", "\xa0"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(entity, char)
    return text


def looks_html(text: str) -> bool:
    """Whether a text that does not say what it is holds HTML."""
    return any(not name or name.lower() in _TAG_NAMES for name in _LOOKS_HTML.findall(text))


class _Walker:
    """Goes over tame HTML and gathers text."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.stack: list[list[str]] = [[]]  # the text, and that of open sub- and superscripts
        self.strong = self.pre = 0

    def add(self, text: str) -> None:
        self.stack[-1].append(text)

    def text(self, text: str) -> None:
        if self.pre:
            self.add(text.replace(" ", _KEEP_SPACE).replace("\n", _KEEP_LINE))
        else:
            self.add(_SPACE.sub(" ", text))

    def tag(self, name: str, attributes: str, *, closing: bool) -> None:
        if name in _STRONG:
            before, self.strong = self.strong, max(0, self.strong + (-1 if closing else 1))
            if before + self.strong == 1:  # the outermost only
                self.add(_OFF if closing else _ON)
        elif name in {"sub", "sup"}:
            self._script(name, closing=closing)
        elif name in _BLOCKS:
            self.add(_BLOCK)
            self.pre = max(0, self.pre + (0 if name != "pre" else -1 if closing else 1))
            if name == "li" and not closing:
                self.add("- ")
        elif name == "br":
            self.add("\n")
        elif name in {"td", "th"}:
            self.add(" | " if not closing and self.stack[-1] and self.stack[-1][-1] != _BLOCK else "")
        elif not closing and name in {"img", "a", "audio", "video", "source"}:
            self._address(name, attributes)

    def _script(self, name: str, *, closing: bool) -> None:
        if not closing and len(self.stack) < 5:
            self.stack.append([])
        elif closing and len(self.stack) > 1:
            raised = "".join(self.stack.pop())
            table, sign = (_SUPER, "^") if name == "sup" else (_SUB, "_")
            if all(ord(char) in table for char in raised):
                self.add(raised.translate(table))
            else:
                self.add(f"{sign}{raised}" if raised.isalnum() else f"{sign}({raised})")

    def _address(self, name: str, attributes: str) -> None:
        given = {key: _unescape(value) for key, value in _ATTRIBUTE.findall(attributes)}
        address = given.get("src") or given.get("href") or ""
        if name == "img" or "@@PLUGINFILE@@" in address:
            self.add(self.picture(address, " ".join(given.get("alt", "").split())))

    def done(self) -> str:
        while len(self.stack) > 1:
            self._script("sup", closing=True)
        if self.strong:
            self.add(_OFF)
        text = re.sub(f"{_ON}([^{_ON}{_OFF}]*){_OFF}?", _emphasised, "".join(self.stack[0]))
        text = re.sub(f"[ \n{_BLOCK}]+", _gap, text.replace(_OFF, ""))
        return text.replace(_KEEP_LINE, "\n").replace(_KEEP_SPACE, " ").strip()


def _emphasised(found: re.Match[str]) -> str:
    inside = found[1]
    bare = inside.strip(f" \n{_BLOCK}")
    if not bare:
        return inside
    start = inside.index(bare)
    return f"{inside[:start]}**{bare}**{inside[start + len(bare) :]}"


def _gap(found: re.Match[str]) -> str:
    run = found[0]
    if _BLOCK in run:
        return "\n"
    return "\n" * min(2, run.count("\n")) or " "


def to_html(text: str, lang: Lang) -> str:
    """Our text as a paragraph of HTML that says its language and direction."""
    return f'<p dir="{DIRECTION[lang]}" lang="{lang}">{inline_html(text)}</p>'


def inline_html(text: str) -> str:
    escaped = html.escape(_CONTROL.sub("", text), quote=False)
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escaped, flags=re.DOTALL).replace("\n", "<br>")


# ---------------------------------------------------------------- languages

_LANG = re.compile(r"""^\s*<[A-Za-z0-9]{1,10}\b[^<>]*?\slang\s*=\s*["']?(ar|en)\b""", re.IGNORECASE)
_SPANS = re.compile(r"(<(?:span|lang)\b[^<>]*>|</(?:span|lang)>)", re.IGNORECASE)
_SPAN_LANG = re.compile(r"""\blang\s*=\s*["']?([A-Za-z]{2,3})""", re.IGNORECASE)
_MLANG = re.compile(r"\{mlang(?:\s+([\w, -]{2,60}))?\}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Languages:
    """A text by language, as Moodle's filters for many languages mark it. `others` were there and are not kept."""

    texts: dict[Lang, str]
    others: tuple[str, ...] = ()


def marked_language(source: str) -> Lang | None:
    """The language that the first element of a text declares."""
    found = _LANG.match(source[:2000])
    return None if found is None else "ar" if found[1].lower() == "ar" else "en"


def by_language(source: str) -> Languages | None:
    """The languages of a text that marks them by `{mlang ar}` or `<span lang="ar" class="multilang">`, or None."""
    parts: list[tuple[str, str]] = []  # (language or "", text)
    if _MLANG.search(source):
        pieces = _MLANG.split(source)
        parts.append(("", pieces[0]))
        parts += [((pieces[at] or "").lower(), pieces[at + 1]) for at in range(1, len(pieces), 2)]
    elif "multilang" in source or "<lang " in source:
        lang, depth = "", 0
        for piece in _SPANS.split(source):
            if piece.startswith("</") and _SPANS.fullmatch(piece) and lang:
                depth -= 1
                parts.append((lang, piece if depth else ""))
                lang = lang if depth else ""
            elif not lang and ("multilang" in piece or piece.startswith("<lang")) and _SPANS.fullmatch(piece):
                found = _SPAN_LANG.search(piece)
                lang, depth = (found[1].lower() if found else ""), 1
            else:
                depth += bool(lang and _SPANS.fullmatch(piece))
                parts.append((lang, piece))
    named = {part.strip()[:2] for lang, _ in parts for part in lang.split(",") if part.strip()}
    if not named & {"ar", "en"}:
        return None
    texts: dict[Lang, str] = {}
    for lang in LANGS:
        if lang in named:
            texts[lang] = "".join(text for own, text in parts if not own or lang in own)
    return Languages(texts, tuple(sorted(named - {"ar", "en", "ot"})))  # "ot": other
