"""Text typed by people, made safe to store, to compare and to sort."""

import re
import unicodedata

# NUL and the other controls, bidi embeddings, overrides and isolates (they can make a line read
# as another one), and code points that XML and spreadsheets refuse. ZWJ and the LRM/RLM marks
# stay: emoji, Arabic and Hebrew need them.
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
_TRAILING = re.compile(r"[^\S\n]+(?=\n|\Z)")
_INVISIBLE = "\ufeff\u200b\u2060\u00ad"
_EDGES = re.compile(rf"\A[\s{_INVISIBLE}]+|[\s{_INVISIBLE}]+\Z")
_SPACES = re.compile(r"\s+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_FOLDED = str.maketrans({"œ": "oe", "æ": "ae", "\u2019": "'", "\u02bc": "'"})
_NOT_SORTED = re.compile(r"[\W_]+")


def clean_text(value: str, *, multiline: bool) -> str:
    """Plain text in NFC, without control, lone surrogate or bidi-override characters, stripped.

    One line: any run of white space is one space (a no-break space standing alone is French
    typography and stays). Several lines: ends of line are LF, without trailing spaces.
    Cleaning twice changes nothing; no input raises.
    """
    value = without_controls(_join_surrogates(value))
    value = _TRAILING.sub("", value) if multiline else _SPACES.sub(_one_space, value)
    return unicodedata.normalize("NFC", _EDGES.sub("", value))


def without_controls(value: str) -> str:
    """What of a text can be shown at all, even where no form let it in; its ends of line are LF."""
    return _FORBIDDEN.sub("", _LINE_ENDS.sub("\n", value))


def fold(value: str) -> str:
    """What two spellings of one word share: lower case, œ and æ opened, straight apostrophe, no accent."""
    value = unicodedata.normalize("NFC", value).lower().translate(_FOLDED)
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", value)))


def sort_key(value: str, *, max_length: int = 200) -> str:
    """The stored key that names are ordered by, whatever the database's collation: « Étaples » under e."""
    return _NOT_SORTED.sub(" ", fold(value)).strip()[:max_length].strip()


def whole_number(typed: str) -> int:
    """The key of a row, or a rank, out of a form that anyone may have forged; 0 for what is none."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else 0


def _join_surrogates(value: str) -> str:
    """Pairs become the character they stand for; lone halves are left for the forbidden ones."""
    if value.isascii():
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


def _one_space(run: re.Match[str]) -> str:
    return run[0] if run[0] in "\u00a0\u202f" else " "
