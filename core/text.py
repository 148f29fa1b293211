"""How numbers, shapes and sizes read in sentences, tables and labels."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction

from core.shapes import Shape, Size

_PREFIXES = ((10**18, "E"), (10**15, "P"), (10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))
_UNREADABLE = 10**21
"""Numbers from here on are written as powers of ten."""
_ROUNDS_UP = 0.99995  # 999,950 would read 1000.0 k, not 1.0 M
_BINARY = ((1 << 60, "EiB"), (1 << 50, "PiB"), (1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def shape_text(shape: Shape | None) -> str:
    """Write a shape the way the courses do.

    >>> shape_text((28, 28, 6)), shape_text((10,)), shape_text(None)
    ('28×28×6', '10', '?')
    """
    return "?" if shape is None else "×".join(map(str, shape))


def values_text(shape: Shape) -> str:
    """Say what values have a shape.

    >>> values_text((28, 28, 6)), values_text((10,))
    ('28×28×6', '10 features')
    """
    return counted(shape[0], "feature") if len(shape) == 1 else shape_text(shape)


def size_text(size: Size) -> str:
    """Write a filter or pool size.

    >>> size_text(3), size_text((1, 7))
    ('3×3', '1×7')
    """
    return f"{size}×{size}" if isinstance(size, int) else f"{size[0]}×{size[1]}"


def setting_text(value: object) -> str:
    """Write the value of a setting as it stands in a file; a kind in words.

    >>> setting_text(2), setting_text((1, 2)), setting_text(((0, 1), (0, 1))), setting_text("same"), setting_text(None)
    ('2', '[1, 2]', '[[0, 1], [0, 1]]', 'same', 'none')
    >>> setting_text({"kind": "Step", "every": 5}), setting_text(["MeanImage", {"kind": "PCA", "components": 20}])
    ('Step (every 5)', '[MeanImage, PCA (components 20)]')
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return f"[{', '.join(setting_text(part) for part in value)}]"
    if isinstance(value, Mapping):
        settings = [f"{key.replace('_', ' ')} {setting_text(part)}" for key, part in value.items() if key != "kind"]
        return f"{value['kind']} ({', '.join(settings)})" if "kind" in value else ", ".join(settings)
    return f"{value:g}" if isinstance(value, float) else str(value)


def number_text(value: int | None) -> str:
    """Write a whole number with its thousands apart; of one that nobody could read, how large it is.

    >>> number_text(61706), number_text(2**80), number_text(None)
    ('61,706', '1.2e+24', '?')
    """
    return "?" if value is None else f"{value:,}" if abs(value) < _UNREADABLE else _magnitude(value)


def number_words(value: float) -> str:
    """Write the bound of a setting.

    >>> number_words(2**32 - 1), number_words(1e3), number_words(-3), number_words(0.5)
    ('4,294,967,295', '1,000', '−3', '0.5')
    """
    text = f"{int(value):,}" if value == int(value) else f"{value:g}"
    return text.replace("-", "−")


def brief_number(value: float | None) -> str:
    """Write a large number with a prefix and four digits at most.

    >>> brief_number(416520), brief_number(950), brief_number(999960), brief_number(138357544), brief_number(None)
    ('416.5 k', '950', '1.0 M', '138.4 M', '?')
    >>> brief_number(10**400)
    '1.0e+400'
    """
    if value is None:
        return "?"
    if value >= _UNREADABLE:
        return _magnitude(value)
    for size, prefix in _PREFIXES:
        if value >= size * _ROUNDS_UP:
            return f"{value / size:.1f} {prefix}"
    return f"{value:g}"


def table_lines(rows: Sequence[Sequence[str]], n_left: int) -> list[str]:
    """Line up the columns of a table; the first ones stand left, numbers right.

    >>> table_lines([("layer", "MACs"), ("fc1", "12")], 1)
    ['layer  MACs', 'fc1      12']
    """
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column < n_left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def bytes_text(n_bytes: int | None) -> str:
    """Write a memory size.

    >>> bytes_text(18816), bytes_text(100), bytes_text(None)
    ('18.4 KiB', '100 B', '?')
    """
    if n_bytes is None:
        return "?"
    if n_bytes >= _UNREADABLE:
        return f"{_magnitude(n_bytes)} B"
    for size, prefix in _BINARY:
        if n_bytes >= size * _ROUNDS_UP:
            return f"{n_bytes / size:.1f} {prefix}"
    return f"{n_bytes} B"


def rough_duration_text(seconds: float, *, brief: bool = False) -> str:
    """Write a time that was estimated, no finer than an estimate is.

    >>> [rough_duration_text(seconds) for seconds in (0.2, 1, 42, 95)]
    ['less than a second', 'about 1 second', 'about 40 seconds', 'about 2 minutes']
    >>> [rough_duration_text(seconds) for seconds in (4_000, 10_000, 200_000)]
    ['about 1 hour', 'about 3 hours', 'about 2 days']
    >>> rough_duration_text(42, brief=True), rough_duration_text(10_000, brief=True)
    ('about 40 s', 'about 3 h')
    """
    if seconds < 1:
        return "less than a second"
    for size, noun, unit in ((86_400, "day", "days"), (3_600, "hour", "h"), (60, "minute", "min")):
        if seconds >= 1.5 * size or (noun != "minute" and seconds >= size):
            n = round(seconds / size)
            return f"about {n} {unit}" if brief else f"about {counted(n, noun)}"
    n = round(seconds) if seconds < 10 else 10 * round(seconds / 10)
    return f"about {n} s" if brief else f"about {counted(n, 'second')}"


def ratio_text(value: Fraction | float) -> str:
    """Write a quotient, whole where it is, else with two decimals.

    >>> ratio_text(Fraction(7, 3)), ratio_text(Fraction(6, 3))
    ('2.33', '2')
    """
    if value >= _UNREADABLE or value <= -_UNREADABLE:
        return _magnitude(int(value))
    return f"{float(value):.2f}".rstrip("0").rstrip(".") if value != int(value) else str(int(value))


def _magnitude(value: float) -> str:
    """Write a number of any size, also beyond a float's and with more digits than Python would write."""
    return f"{Decimal(value):.1e}"


def with_article(phrase: str) -> str:
    """Put the indefinite article before a phrase that begins with a number; it follows the sound.

    >>> (
    ...     with_article("11×11 filter"),
    ...     with_article("7×7 input"),
    ...     with_article("8-bit image"),
    ...     with_article("110×9 input"),
    ... )
    ('an 11×11 filter', 'a 7×7 input', 'an 8-bit image', 'a 110×9 input')
    """
    return f"an {phrase}" if _BEGINS_WITH_VOWEL.match(phrase) else f"a {phrase}"


def sentence(phrase: str, names: Container[str] = ()) -> str:
    """Begin a phrase with a capital letter, unless it begins with one of these names.

    >>> sentence("stride 3 is odd"), sentence("conv2 gives 10 features", {"conv2"})
    ('Stride 3 is odd', 'conv2 gives 10 features')
    """
    first_word = phrase.partition(" ")[0].rstrip(":,")
    return phrase if first_word in names else f"{phrase[:1].upper()}{phrase[1:]}"


def listing(names: Iterable[str], last: str = "and") -> str:
    """Join names into a phrase that doesn't grow without end.

    >>> listing(["a"]), listing(["a", "b", "c"]), listing(map(str, range(100)), "or")
    ('a', 'a, b and c', '0, 1, 2, 3, 4, 5, 6, 7, 8, 9 or 90 others')
    """
    *rest, final = list(names) or [""]
    if len(rest) > _MOST_LISTED:
        rest, final = rest[:_MOST_LISTED], f"{len(rest) + 1 - _MOST_LISTED:,} others"
    return f"{', '.join(rest)} {last} {final}" if rest else final


def counted(n: int, noun: str, nouns: str | None = None) -> str:
    """Put a number before a noun, which gets an s where it needs one.

    >>> counted(1, "layer"), counted(3, "layer"), counted(2000, "copy", "copies")
    ('1 layer', '3 layers', '2,000 copies')
    """
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {nouns or noun + 's'}"


def nearest_name(wrong: str, names: Iterable[str]) -> str | None:
    """Find the name that was probably meant; among many names it must be more alike.

    >>> nearest_name("paddin", ["padding", "stride"])
    'padding'
    """
    near = len(wrong) // 3 + 1
    by_folded = {name.casefold(): name for name in names if abs(len(name) - len(wrong)) <= near}
    folded = wrong.casefold()
    if folded in by_folded:
        return by_folded[folded]
    if len(wrong) > _LONGEST_NAME or len(by_folded) > _MOST_NAMES:
        return None
    matches = get_close_matches(folded, by_folded, n=1, cutoff=0.6 if len(by_folded) <= 50 else 0.8)
    return by_folded[matches[0]] if matches else None


def snake_case(name: str) -> str:
    """Write the name of a class in small letters, as Keras calls what belongs to it.

    >>> snake_case("Conv2DTranspose"), snake_case("PReLU"), snake_case("BatchNormalization")
    ('conv2d_transpose', 'p_re_lu', 'batch_normalization')
    """
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def excerpt(value: object, limit: int = 40) -> str:
    """Write a JSON value as it would stand in the file, cut where it is long.

    >>> excerpt("six"), excerpt([1, "a"]), excerpt(None), excerpt(10**12)
    ('"six"', '[1, "a"]', 'null', '1000000000000')
    """
    if isinstance(value, str):
        text = _WRITER.encode(value[:limit])
    else:
        text = ""
        for part in _WRITER.iterencode(value):
            text += part[: limit + 1]
            if len(text) > limit:
                break
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def plainly(error: UnicodeError) -> tuple[str | bytes, int]:
    r"""Write for a terminal that lacks our typography; an error handler for `codecs.register_error`.

    >>> import codecs
    >>> codecs.register_error("plainly", plainly)
    >>> "3×3, 7 − 3 … é".encode("ascii", "plainly")
    b'3x3, 7 - 3 ... \\xe9'
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    plain = "".join(_PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode() for c in missing)
    return plain, error.end


_PLAIN = {
    "×": "x",
    "·": "*",
    "−": "-",
    "–": "-",
    "─": "-",
    "…": "...",
    "→": "->",
    "“": '"',
    "”": '"',
    "’": "'",
    "�": "?",
    "∂": "d",
    "ℓ": "L",
    "Σ": "sum",
    "√": "sqrt ",
    "∞": "inf",
    "≤": "<=",
    "←": "<-",
    "°": " degrees",
    "⌈": "ceil(",
    "⌉": ")",
    "⌊": "floor(",
    "⌋": ")",
    "²": "^2",
    "ᵀ": "^T",
    "₁": "1",
    "₂": "2",
    "₃": "3",
    "γ": "gamma",
    "β": "beta",
    "μ": "mu",
    "σ": "sigma",
}
_BEGINS_WITH_VOWEL = re.compile(r"8|1[18](?!\d)")  # eight, eighty, eleven, eighteen
_MOST_LISTED = 10
_LONGEST_NAME = 100
_MOST_NAMES = 2000
_WRITER = json.JSONEncoder(ensure_ascii=False, default=repr)
