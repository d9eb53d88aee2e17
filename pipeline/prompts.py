"""Prompts are files: text that a non-programmer edits, read strictly.

A file is a YAML head and one `# User` part. The head's `context` names the layers that go before the task: always
`paper`, then `brief`, then `outline`, in this order and none skipped, so that every call about one paper begins with
the same bytes and a provider prefills them once. Layers and the system text stand in `common.md`.

Parts are found in the file before any value is filled in, and a value can neither close its block nor speak a chat
template's control words, so paper text stays data.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeVar, get_args

import yaml
from jinja2 import Environment, StrictUndefined, TemplateError, TemplateSyntaxError, meta
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import PromptError
from pipeline.replies import REPLIES, Reply
from pipeline.settings import ModelRole

Layer = Literal["paper", "brief", "outline"]
LAYERS: tuple[Layer, ...] = get_args(Layer)
COMMON = "common"
PROMPTS_FOLDER = Path(__file__).resolve().parent.parent / "prompts"

_PART = re.compile(r"^# (System|User|Paper|Brief|Outline)[ \t]*$", re.MULTILINE)
_BLOCK_TAG = re.compile(r"<(?=\s*/?\s*(?:paper|brief|outline|draft|findings|glossary)\b)", re.IGNORECASE)
_CONTROL_WORD = re.compile(r"<(?=[|｜])|<(?=/?(?:s|bos|eos|start_of_turn|end_of_turn)>)|\[(?=/?INST\])")
H = TypeVar("H", bound="_Head")
_ENVIRONMENT = Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)


@dataclass(frozen=True)
class Rendered:
    """One question, ready to be asked.

    `hash` is that of the prompt's file; `max_tokens` bounds the reply; `salt` is no part of the question: a reply kept
    under another salt does not answer it.
    """

    name: str
    role: ModelRole
    system: str
    user: str
    hash: str
    max_tokens: int
    salt: str = ""


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    purpose: str = Field(min_length=10)
    inputs: dict[str, str] = Field(default_factory=dict)


class _PromptHead(_Head):
    role: ModelRole
    reply: str
    context: tuple[Layer, ...] = ()
    max_tokens: int = Field(ge=16, le=16_000)


@dataclass(frozen=True)
class Prompt:
    """One prompt file, checked."""

    name: str
    head: _PromptHead
    task: str
    hash: str

    @property
    def reply(self) -> type[Reply]:
        return REPLIES[self.head.reply]


class PromptBook:
    """All prompts of a folder, read once and checked as a whole.

    Raises:
        PromptError: a file is missing or wrong; the message names file and place.
    """

    def __init__(self, folder: Path = PROMPTS_FOLDER) -> None:
        self._folder = folder
        head, parts, self._common_hash = _read(folder / f"{COMMON}.md", _Head)
        wanted = {"System", *(layer.capitalize() for layer in LAYERS)}
        if set(parts) != wanted:
            raise PromptError(f"{COMMON}.md must have exactly the parts {', '.join(sorted(wanted))}.")
        if set(head.inputs) != set(LAYERS):
            raise PromptError(f"{COMMON}.md must declare the inputs {', '.join(LAYERS)}.")
        self._system = parts["System"]
        self._layers = {layer: parts[layer.capitalize()] for layer in LAYERS}
        _same_variables(f"{COMMON}.md", "System", self._system, set())
        for layer, text in self._layers.items():
            _same_variables(f"{COMMON}.md", layer.capitalize(), text, {layer})
        self._prompts = {path.stem: _prompt(path) for path in sorted(folder.glob("*.md")) if path.stem != COMMON}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._prompts)

    def __getitem__(self, name: str) -> Prompt:
        try:
            return self._prompts[name]
        except KeyError:
            raise PromptError(f"There is no prompt «{name}».", f"Known: {', '.join(self._prompts)}.") from None

    @cached_property
    def glossary(self) -> Glossary:
        return load_glossary(self._folder / "glossary.yaml")

    def render(self, name: str, layers: Mapping[Layer, str], **values: str) -> Rendered:
        """Fill one prompt. `layers` holds at least the layers that the file's `context` names.

        Raises:
            PromptError: a value is missing or is not asked for.
        """
        prompt = self[name]
        missing, unknown = set(prompt.head.inputs) - set(values), set(values) - set(prompt.head.inputs)
        if missing or unknown:
            raise PromptError(f"Prompt «{name}»: missing {sorted(missing)}, not asked for {sorted(unknown)}.")
        absent = [layer for layer in prompt.head.context if layer not in layers]
        if absent:
            raise PromptError(f"Prompt «{name}» needs the layers {absent}.")
        before = [_fill(self._layers[layer], {layer: layers[layer]}) for layer in prompt.head.context]
        return Rendered(
            name=name,
            role=prompt.head.role,
            system=self._system,
            user="\n\n".join([*before, _fill(prompt.task, values)]),
            hash=hashlib.sha256(f"{self._common_hash}{prompt.hash}".encode()).hexdigest()[:16],
            max_tokens=prompt.head.max_tokens,
        )


def defuse(text: str) -> str:
    """Make untrusted text harmless inside a block: our own tags and chat control words lose their first bracket."""
    text = _BLOCK_TAG.sub("‹", text)
    return _CONTROL_WORD.sub(lambda match: {"<": "‹", "[": "⁅"}[match.group()], text)


def _fill(template: str, values: Mapping[str, str]) -> str:
    try:
        return _ENVIRONMENT.from_string(template).render({key: defuse(value) for key, value in values.items()})
    except TemplateError as error:
        raise PromptError(f"A prompt cannot be filled: {error}.") from error


def _prompt(path: Path) -> Prompt:
    head, parts, digest = _read(path, _PromptHead)
    if set(parts) != {"User"}:
        raise PromptError(f"{path.name} must have one part «# User»; the system text stands in {COMMON}.md.")
    if head.reply not in REPLIES:
        raise PromptError(f"{path.name}: reply «{head.reply}» is no schema.", f"Known: {', '.join(REPLIES)}.")
    if head.context != LAYERS[: len(head.context)]:
        raise PromptError(f"{path.name}: context must be the first of {', '.join(LAYERS)}, in this order.")
    _same_variables(path.name, "User", parts["User"], set(head.inputs))
    return Prompt(path.stem, head, parts["User"], digest)


def _read(path: Path, kind: type[H]) -> tuple[H, dict[str, str], str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"Prompt file {path} cannot be read: {error}.") from error
    match = re.match(r"---\n(.*?)\n---\n(.*)", text, re.DOTALL)
    if not match:
        raise PromptError(f"{path.name} has no head between two lines «---».")
    try:
        head = kind.model_validate(yaml.safe_load(match[1]))
    except (yaml.YAMLError, ValidationError) as error:
        raise PromptError(f"The head of {path.name} is wrong: {error}") from error
    pieces = _PART.split(match[2])
    if pieces[0].strip():
        raise PromptError(f"{path.name}: text before the first part: «{pieces[0].strip()[:40]}».")
    names, bodies = pieces[1::2], [body.strip() for body in pieces[2::2]]
    if len(set(names)) != len(names) or not all(bodies):
        raise PromptError(f"{path.name}: a part is empty or stands twice.")
    return head, dict(zip(names, bodies, strict=True)), hashlib.sha256(text.encode()).hexdigest()


def _same_variables(file: str, part: str, template: str, declared: set[str]) -> None:
    try:
        used = meta.find_undeclared_variables(_ENVIRONMENT.parse(template))
    except TemplateSyntaxError as error:
        raise PromptError(f"{file}, part {part}, line {error.lineno}: {error.message}.") from error
    if used != declared:
        raise PromptError(
            f"{file}, part {part}: used but not declared {sorted(used - declared)}, "
            f"declared but not used {sorted(declared - used)}."
        )


class Term(BaseModel):
    """One term: how Russian posts write it, and which renderings are calques."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: str = Field(min_length=2)
    ru: str = Field(min_length=1)
    avoid: tuple[str, ...] = ()


class Glossary(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    terms: tuple[Term, ...]

    def for_text(self, text: str, limit: int) -> tuple[Term, ...]:
        """The terms that occur in `text`, the most frequent first, at most `limit`."""
        lowered = text.lower()
        counted = [(len(re.findall(rf"\b{re.escape(term.en.lower())}", lowered)), term) for term in self.terms]
        return tuple(term for count, term in sorted(counted, key=lambda pair: -pair[0]) if count)[:limit]


def load_glossary(path: Path) -> Glossary:
    """Read the glossary.

    Raises:
        PromptError: the file is missing or wrong, or a term stands twice.
    """
    try:
        glossary = Glossary.model_validate({"terms": yaml.safe_load(path.read_text(encoding="utf-8"))})
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise PromptError(f"The glossary {path.name} is wrong: {error}") from error
    names = [term.en.lower() for term in glossary.terms]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise PromptError(f"The glossary {path.name} has terms twice: {', '.join(twice)}.")
    return glossary
