"""A pydantic model as a JSON schema that OpenAI's strict mode, vLLM and llama.cpp all accept."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

# Strict mode refuses `default`; a grammar that enforces a length cuts words in half, so pydantic checks it afterwards;
# titles repeat the names and cost tokens.
DROPPED = {"default", "title", "minLength", "maxLength"}


def strict_schema(reply: type[BaseModel]) -> dict[str, Any]:
    """The schema of `reply`: every object closed, every field required, in the order of the class.

    Raises:
        TypeError: a field is a dict with free keys, which strict mode cannot express.
    """
    schema = reply.model_json_schema()
    strict: dict[str, Any] = _strict(schema, schema.get("$defs", {}))
    return strict


def _strict(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_strict(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node and len(node) > 1:  # strict mode allows nothing beside a $ref
        target = definitions[node["$ref"].rpartition("/")[2]]
        node = target | {key: value for key, value in node.items() if key != "$ref"}
    if isinstance(node.get("additionalProperties"), dict) or node.get("additionalProperties") is True:
        raise TypeError("a reply must not have a field with free keys: name each of them")
    strict = {key: _value(key, value, definitions) for key, value in node.items() if key not in DROPPED}
    if "properties" in strict:
        strict |= {"additionalProperties": False, "required": list(strict["properties"])}
    return strict


def _value(key: str, value: Any, definitions: dict[str, Any]) -> Any:
    if key in ("properties", "$defs"):  # a mapping of names, which may well be called `title`
        return {name: _strict(item, definitions) for name, item in value.items()}
    return _strict(value, definitions)
