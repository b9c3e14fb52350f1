"""Judges a recorded REST request by the platform's own description, unknown parameters refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from jsonschema import Draft202012Validator, FormatChecker

from hotline.simulator.exchange import Request

CONTRACT: dict[str, Any] = json.loads(Path(__file__).with_name("twilio_contract.json").read_text())
FORM = "application/x-www-form-urlencoded"
FORMATS = FormatChecker(formats=())


@FORMATS.checks("uri")
def _uri(value: object) -> bool:
    parts = urlsplit(str(value))
    return parts.scheme in ("http", "https") and bool(parts.hostname)


@FORMATS.checks("date-time", raises=ValueError)
def _date_time(value: object) -> bool:
    return bool(datetime.fromisoformat(str(value)))


@FORMATS.checks("phone-number")
def _phone_number(value: object) -> bool:
    return re.fullmatch(r"\+[1-9]\d{6,14}", str(value)) is not None


@FORMATS.checks("endpoint")
def _endpoint(value: object) -> bool:
    return _phone_number(value)


@FORMATS.checks("twiml", raises=ElementTree.ParseError)
def _twiml(value: object) -> bool:
    return ElementTree.fromstring(str(value)).tag == "Response"


def judge(request: Request) -> list[str]:
    """Every fault of a request by the contract; an empty list is a clean bill."""
    operation, path = _operation(request)
    if operation is None:
        return [f"the platform has no {request.method} {request.path}"]
    parameters = operation["parameters"]
    query = {p["name"]: p["schema"] for p in parameters if p["in"] == "query"}
    needed = [p["name"] for p in parameters if p["in"] == "query" and p.get("required")]
    places = {p["name"]: p["schema"] for p in parameters if p["in"] == "path"}
    body = operation.get("requestBody", {}).get("content", {}).get(FORM, {}).get("schema", {})
    return [
        *_faults("path", path.items(), places, list(places)),
        *_faults("query", request.query, query, needed),
        *_faults("form", request.form, body.get("properties", {}), body.get("required", [])),
    ]


def _operation(request: Request) -> tuple[dict[str, Any] | None, dict[str, str]]:
    for template, operations in CONTRACT["paths"].items():
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
        found = re.fullmatch(pattern, request.path)
        if found and request.method.lower() in operations:
            return operations[request.method.lower()], found.groupdict()
    return None, {}


def _faults(place: str, pairs: Iterable[tuple[str, str]], schemas: dict[str, Any], required: list[str]) -> list[str]:
    given: dict[str, Any] = {}
    faults = []
    for name, value in pairs:
        schema = schemas.get(name, {})
        if schema.get("type") == "array":
            given.setdefault(name, []).append(_typed(value, schema["items"]))
        elif name in given:
            faults.append(f"{place}: {name} is given twice")
        else:
            given[name] = _typed(value, schema)
    judged = {
        "type": "object",
        "properties": schemas,
        "required": required,
        "additionalProperties": False,
    }
    validator = Draft202012Validator(judged, format_checker=FORMATS)
    faults += [
        f"{place}: {'.'.join(map(str, error.path))} {error.message}".replace(":  ", ": ")
        for error in validator.iter_errors(given)
    ]
    return faults


def _typed(value: str, schema: dict[str, Any]) -> Any:
    """A form knows only text: read it as the type that the contract wants, where it can be."""
    match schema.get("type"):
        case "integer" if re.fullmatch(r"-?\d+", value):
            return int(value)
        case "boolean" if value in ("true", "false", "True", "False"):
            return value.lower() == "true"
    return value
