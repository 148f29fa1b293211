"""Declarations: a frozen, strict record of settings from which forms, schema, messages and help are derived."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from math import isnan
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Len, Lt
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from core.shapes import shortest_padding, shortest_size
from core.text import excerpt, listing, nearest_name, number_words, setting_text

LARGEST = 65_536
"""No side, stride or number of channels may be larger: beyond it, a typing error is likelier than a network."""

FieldType: TypeAlias = Literal[
    "whole", "number", "flag", "choice", "name", "size", "padding", "shape", "numbers", "kind", "kinds"
]
Steps: TypeAlias = Literal["ones", "doubling", "odd"]
Declarations: TypeAlias = Mapping[str, "type[Declared]"]
"""Declarations by name."""


def _tuples(value: Any) -> Any:
    """JSON has lists where frozen values need tuples, at any depth."""
    return tuple(_tuples(part) for part in value) if isinstance(value, list | tuple) else value


def _is_whole(value: Any) -> bool:
    return all(map(_is_whole, value)) if isinstance(value, tuple) else type(value) is int


def _shortened(shorten: Callable[[Any], Any]) -> BeforeValidator:
    def read(value: Any) -> Any:
        value = _tuples(value)
        if not _is_whole(value):  # 1 and true are equal, but not the same
            return value
        try:
            return shorten(value)
        except (TypeError, ValueError, IndexError):
            return value  # not of the right form: the type that follows says so

    return BeforeValidator(read)


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """How values that are more than one number may be written: what editors and messages know of an annotated type."""

    type: FieldType
    expected: str
    words: tuple[str, ...] = ()
    kinds: Declarations = field(default_factory=dict)
    """The declarations that a kind may be of, by name."""
    fault: Callable[[Any], str | None] | None = None
    """Says what within a value is wrong, where that can be said better than by `expected`."""


Whole = Annotated[int, Ge(1), Le(LARGEST)]
Margin = Annotated[int, Ge(0), Le(LARGEST)]
Margins = Margin | tuple[Margin, Margin] | tuple[tuple[Margin, Margin], tuple[Margin, Margin]]
SizeField = Annotated[
    Whole | tuple[Whole, Whole],
    _shortened(shortest_size),
    Form("size", f"a whole number from 1 to {LARGEST:,}, or two of them as [height, width]"),
]
PaddingField = Annotated[
    Margins | Literal["valid", "same"],
    _shortened(shortest_padding),
    Form(
        "padding",
        'a whole number from 0, [height, width], [[top, bottom], [left, right]], "valid" or "same"',
        words=("valid", "same"),
    ),
]
MarginsField = Annotated[
    Margins,
    _shortened(shortest_padding),
    Form("padding", "a whole number from 0, [height, width] or [[top, bottom], [left, right]]"),
]
"""Rows and columns to put around an image or to take from it: a padding without words."""
EndField = Annotated[
    Margin | tuple[Margin, Margin],
    _shortened(shortest_size),
    Form("padding", "a whole number from 0, or two of them as [height, width]"),
]
"""Rows and columns at the bottom and right."""
ShapeField = Annotated[
    tuple[Whole] | tuple[Whole, Whole, Whole],
    BeforeValidator(_tuples),
    Form("shape", f"[height, width, channels] or [features], whole numbers from 1 to {LARGEST:,}"),
]


def _rising(numbers: tuple[float, ...]) -> tuple[float, ...]:
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise ValueError("each must be larger than the one before")
    return numbers


Positive = Annotated[float, Gt(0), Le(1e6)]
RisingField = Annotated[
    tuple[Positive, ...],
    BeforeValidator(_tuples),
    AfterValidator(_rising),
    Len(1, 1000),
    Form("numbers", "a list of numbers above 0, each larger than the one before"),
]
ClassWeightsField = Annotated[
    Literal["balanced"] | Annotated[tuple[Positive, ...], Len(1, LARGEST)],
    BeforeValidator(_tuples),
    Form("numbers", '"balanced", or a list with a number above 0 for each class', words=("balanced",)),
]


def hyper(
    default: Any = ...,
    *,
    help: str,
    letter: str | None = None,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    headline: bool = False,
    start: Any = None,
    steps: Steps = "ones",
) -> Any:
    """Declare a setting.

    Parameters
    ----------
    default : optional
        Left out for a setting that must be given.
    help : str
        One line for tooltips and help pages.
    letter : str, optional
        The letter the courses use: K, F, S or P.
    ge, gt, le, lt : float, optional
        Bounds, with or without the bound itself.
    headline : bool
        Whether the setting stands on the layer's card even at its default; one that must be given always does.
    start : optional
        What a new layer gets where there is no default.
    steps : {"ones", "doubling", "odd"}
        The values that arrow keys lead to: all, powers of two, or odd ones.
    """
    extra = {"letter": letter, "headline": headline, "start": start, "steps": None if steps == "ones" else steps}
    known = {key: value for key, value in extra.items() if value is not None and value is not False}
    return Field(default, description=help, ge=ge, gt=gt, le=le, lt=lt, json_schema_extra=known or None)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a form, a table or a message needs to know of one declared setting."""

    name: str
    type: FieldType
    help: str
    required: bool
    default: Any
    start: Any
    optional: bool = False
    letter: str | None = None
    headline: bool = False
    steps: Steps = "ones"
    least: float | None = None
    most: float | None = None
    open_least: bool = False
    open_most: bool = False
    choices: tuple[str, ...] = ()
    """The words that are accepted."""
    form: str = ""
    """What a value of several numbers may look like, as a phrase."""
    kinds: Declarations = field(default_factory=dict)
    """The declarations that a kind may be of, by name."""
    fault: Callable[[Any], str | None] | None = None

    @property
    def expected(self) -> str:
        """What values are accepted, as a phrase: "a whole number from 1 to 65,536"."""
        if self.type == "choice":
            phrase = listing([f'"{choice}"' for choice in self.choices], "or")
        elif self.type in ("whole", "number"):
            phrase = "a whole number" if self.type == "whole" else "a number"
            if self.least is not None:
                phrase += f" {'above' if self.open_least else 'from'} {number_words(self.least)}"
            if self.most is not None:
                phrase += f" {'to below' if self.open_most else 'to'} {number_words(self.most)}"
        else:
            phrase = self.form or {"flag": "true or false"}.get(self.type, f"a {self.type}")
        return f"{phrase}, or nothing" if self.optional else phrase

    @property
    def letter_or_name(self) -> str:
        """The course letter where there is one."""
        return self.letter or self.name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Misread:
    """A value that a declaration refuses: `what` is a phrase without the owner's name, `cure` a value that would do."""

    field: str
    what: str
    missing: bool
    cure: Any


class Declared(BaseModel):
    """A frozen, strict record of settings; equal settings are equal values.

    Reading never converts: "6" is not 6, 1 is not true. Lists from JSON become tuples.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False, validate_default=False)

    title: ClassVar[str] = ""
    """How users call it, where that differs from the class name."""

    @classmethod
    def label(cls) -> str:
        """Return the name that users read."""
        return cls.title or cls.__name__

    @classmethod
    def summary(cls) -> str:
        """Return the first line of the docstring, which says what it does."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    @classmethod
    @cache
    def settings(cls) -> Mapping[str, Setting]:
        """Return the declared settings by name: required ones first, each group in the order of declaration."""
        fields = sorted(cls.model_fields.items(), key=lambda field: not field[1].is_required())
        return types.MappingProxyType({name: _setting(name, info) for name, info in fields})

    @classmethod
    def start_config(cls) -> dict[str, Any]:
        """Return the config of a newly drawn layer: a value for all that must be given."""
        return {s.name: s.start for s in cls.settings().values() if s.start is not None}

    @classmethod
    def misreadings(cls, config: Mapping[str, Any]) -> tuple[Misread, ...]:
        """Say everything that is wrong with a config, one entry for a setting; empty when it can be read."""
        try:
            cls.model_validate(_known(cls, config))
        except ValidationError as error:
            fields = dict.fromkeys(str(detail["loc"][0]) for detail in error.errors() if detail["loc"])
            return tuple(_misread(cls.settings()[name], config) for name in fields)
        return ()

    @classmethod
    def unknown_settings(cls, config: Mapping[str, Any]) -> tuple[str, ...]:
        """Name the keys of a config that this declaration doesn't have."""
        return tuple(key for key in config if key not in cls.model_fields)

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> Self:
        """Make one from a config; unknown keys are passed over.

        Raises
        ------
        pydantic.ValidationError
            If any value is refused; `misreadings` says the same in words.
        """
        return cls.model_validate(_known(cls, config))

    def config(self, *, whole: bool = False) -> dict[str, Any]:
        """Return the settings that differ from their defaults, or all, in JSON types and their shortest form."""
        values = ((name, getattr(self, name), info) for name, info in type(self).model_fields.items())
        return {
            name: _written(value)
            for name, value, info in values
            if whole or info.is_required() or value != info.default
        }

    def written(self) -> Any:
        """Return the form in which it stands in the file, as the value of a setting."""
        return self.config()

    def with_settings(self, changes: Mapping[str, Any]) -> Self:
        """Return one with some settings changed, checked like a new one."""
        return type(self).model_validate(
            {name: getattr(self, name) for name in type(self).model_fields} | dict(changes)
        )

    def headline(self) -> str:
        """Return the settings that matter in one line, in course letters: "6 · 5×5 · P 2"."""
        parts = []
        for setting in self.settings().values():
            value = getattr(self, setting.name)
            if setting.required or setting.headline:
                parts.append(_bare(setting, value))
            elif value != setting.default:
                parts.append(f"{setting.letter_or_name} {setting_text(value)}")
        return " · ".join(part for part in parts if part)


def _known(cls: type[Declared], config: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in config.items() if key in cls.model_fields}


def _written(value: Any) -> Any:
    if isinstance(value, Declared):
        return value.written()
    return [_written(part) for part in value] if isinstance(value, tuple) else value


def _bare(setting: Setting, value: Any) -> str:
    if setting.type == "size" and value is not None:
        return f"{value}×{value}" if isinstance(value, int) else f"{value[0]}×{value[1]}"
    if setting.type == "shape":
        return "×".join(map(str, value))
    return setting_text(value)


def _setting(name: str, info: FieldInfo) -> Setting:
    """Read a pydantic field's type and bounds into the few words that forms need."""
    metadata = list(info.metadata)
    annotation: Any = info.annotation
    optional = False
    if get_origin(annotation) in (Union, types.UnionType) and type(None) in get_args(annotation):
        optional = True
        (annotation,) = (part for part in get_args(annotation) if part is not type(None))
        if get_origin(annotation) is Annotated:
            metadata += get_args(annotation)[1:]
    kind: FieldType
    form = next((part for part in metadata if isinstance(part, Form)), None)
    if form is not None:
        kind = form.type
    elif get_origin(annotation) is Literal:
        kind = "choice"
    else:
        kind = {bool: "flag", int: "whole", float: "number", str: "name"}[annotation]  # type: ignore[assignment]
    bounds: dict[type, Any] = {type(part): part for part in metadata if isinstance(part, Ge | Gt | Le | Lt)}
    least, most = bounds.get(Ge) or bounds.get(Gt), bounds.get(Le) or bounds.get(Lt)
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    return Setting(
        name=name,
        type=kind,
        help=info.description or "",
        required=info.is_required(),
        default=None if info.is_required() else _written(info.default) if form and form.kinds else info.default,
        start=extra.get("start"),
        optional=optional,
        letter=extra.get("letter"),  # type: ignore[arg-type]
        headline=bool(extra.get("headline")),
        steps=extra.get("steps", "ones"),  # type: ignore[arg-type]
        least=None if least is None else getattr(least, "ge", getattr(least, "gt", None)),
        most=None if most is None else getattr(most, "le", getattr(most, "lt", None)),
        open_least=Gt in bounds,
        open_most=Lt in bounds,
        choices=tuple(map(str, get_args(annotation))) if kind == "choice" else form.words if form else (),
        form=form.expected if form else "",
        kinds=form.kinds if form else {},
        fault=form.fault if form else None,
    )


def _misread(setting: Setting, config: Mapping[str, Any]) -> Misread:
    missing = setting.name not in config
    fault = "is missing" if missing else f"is {excerpt(config[setting.name])}"
    cure = _cure(setting, config.get(setting.name))
    if setting.fault is not None and not missing and (within := setting.fault(config[setting.name])):
        colon = "" if within.startswith("must ") else ":"
        return Misread(setting.name, f"{setting.name}{colon} {within}", missing, cure)
    return Misread(setting.name, f"{setting.name} must be {setting.expected}, but {fault}", missing, cure)


def _cure(setting: Setting, wrong: Any) -> Any:
    """Return the accepted value that is nearest to a refused one: 6 for "6", the bound for what lies beyond it."""
    if setting.type in ("whole", "number"):
        try:
            number = float(wrong)
            if not isnan(number):
                return _bounded(setting, number)
        except (TypeError, ValueError, OverflowError):
            pass
    if setting.kinds and isinstance(wrong, str) and (meant := nearest_name(wrong, setting.kinds)):
        return meant
    return setting.start if setting.required else setting.default


def _bounded(setting: Setting, number: float) -> int | float | None:
    if setting.least is not None and (number < setting.least or (setting.open_least and number == setting.least)):
        number = setting.least
    if setting.most is not None and (number > setting.most or (setting.open_most and number == setting.most)):
        number = setting.most
    if (setting.open_least and number == setting.least) or (setting.open_most and number == setting.most):
        return setting.default if setting.default is not None else setting.start  # type: ignore[no-any-return]
    return round(number) if setting.type == "whole" and abs(number) < 1e18 else number
