"""The JSON Schema of lab_config.yaml, made of the model, for editors that complete and check while one writes.

It describes the file as it is written: a link is `{serial: {port: ...}}`, where the model has the kind beside the
fields; texts may look like numbers; and everything may be an environment variable. What only several handsets
together show, as two of one name, no schema can say.
"""

from __future__ import annotations

import json
from typing import Any, Final

from harness.lab.config import SHORT_FORMS, LabFile

SCHEMA_FILE: Final = "lab_config.schema.json"
"""In harness/data; made by `symhil config schema`."""

_VARIABLE: Final = {"type": "string", "pattern": r"\$\{SYMHIL_\w+(:-[^}]*)?\}"}
_LINKS: Final = "Link"


def lab_schema() -> dict[str, Any]:
    """The schema, with descriptions from the model."""
    schema = LabFile.model_json_schema()
    definitions: dict[str, Any] = schema["$defs"]
    for definition in definitions.values():
        _as_written(definition)
    kinds: dict[str, str] = definitions["HandsetEntry"]["properties"]["links"]["items"]["discriminator"]["mapping"]
    links = {kind: _link_schema(kind, reference, definitions) for kind, reference in kinds.items()}
    definitions["HandsetEntry"]["properties"]["links"]["items"] = {
        "type": "object",
        "properties": links,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "lab_config.yaml"}


def schema_text() -> str:
    """The schema as it stands in the file."""
    return json.dumps(lab_schema(), indent=2) + "\n"


def _link_schema(kind: str, reference: str, definitions: dict[str, Any]) -> dict[str, Any]:
    definition = definitions[reference.rsplit("/", 1)[-1]]
    del definition["properties"]["kind"]
    required = [key for key in definition.get("required", ()) if key != "kind"]
    definition["required"] = required
    forms: list[dict[str, Any]] = [{"$ref": reference}]
    if kind in SHORT_FORMS:
        forms.append({"type": "string"})
    if not required:
        forms.append({"type": "null"})
    return {"anyOf": forms}


def _as_written(definition: dict[str, Any]) -> None:
    for name, field in definition.get("properties", {}).items():
        kind = field.get("type")
        if "const" in field or kind is None:
            continue
        if kind == "string" and "enum" not in field:
            # A firmware of 3.10 is a number to YAML; a pattern looks at texts only, as it has to.
            field["type"] = ["string", "number"]
        if kind in {"integer", "boolean"} or "enum" in field or "pattern" in field:
            definition["properties"][name] = {"anyOf": [field, _VARIABLE], **_about(field)}


def _about(field: dict[str, Any]) -> dict[str, Any]:
    return {key: field.pop(key) for key in ("title", "description", "default") if key in field}
