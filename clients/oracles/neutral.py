"""The neutral form of requests and answers, in which two SDKs' views are compared.

An answer is `parts` in order, why it stopped and what it used; an error is its status, its sort
and its words. Every oracle reads jobs from a file, one JSON value a line, and writes what it saw
of each to another. It must not know a dialect.
"""

import json
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any

Json = dict[str, Any]

# The most tokens that a job asks for: the SDKs refuse long answers that are not streamed.
MAX_TOKENS = 4000


def text(value: str) -> Json:
    """Makes a part of text."""
    return {"kind": "text", "text": value}


def call(call_id: str | None, name: str, arguments: Any) -> Json:
    """Makes a part of a tool call; arguments that are whole are compared by their meaning."""
    return {"kind": "call", "id": call_id or "", "name": name, "arguments": meaning(arguments)}


def free_call(call_id: str | None, name: str, said: str) -> Json:
    """Makes a part of a call whose arguments are free text, which others hold as one field."""
    return call(call_id, name, {"input": said}) | {"form": "text"}


def seal(value: str, place: str) -> list[Json]:
    """Makes a part of what only its maker can check. A foreign one names its maker and what it
    belongs to: thoughts, hidden thoughts or a call, by their first letters."""
    if value.startswith("tiergate:"):
        _, maker, place, value = value.split(":", 3)
        if maker == "openai-chat":
            return own_seal(json.loads(value.partition("\n")[2] or "[]"))
        if maker == "openai-responses":
            return item_seal(json.loads(value), place)
    return [{"kind": "seal", "place": place, "text": value}] if value else []


def own_seal(entries: list[Json]) -> list[Json]:
    """Makes a part of what a chat server told of its thoughts, whose entries of one index its SDK
    adds up: what they say is the same before and after."""
    entries = sorted(entries, key=lambda entry: entry.get("index") or 0)
    fields = ("text", "summary", "data", "signature")
    said = "".join(entry.get(field) or "" for field in fields for entry in entries)
    return [{"kind": "seal", "place": "t", "text": said}] if said else []


def item_seal(item: Json, place: str) -> list[Json]:
    """Makes a part of an item of thoughts, which its maker checks by its id and what is sealed."""
    known = f"{item.get('id')}/{item.get('encrypted_content') or ''}"
    return [{"kind": "seal", "place": place, "text": known}]


def thinking(said: str) -> list[Json]:
    """Makes a part of thoughts, where they say anything."""
    return [{"kind": "thinking", "text": said}] if said else []


def meaning(arguments: Any) -> str:
    """Writes arguments in one spelling. What was cut off is read as both SDKs would, by the
    reader that they share; what is no JSON at all stays as it is."""
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments or "{}")
        except ValueError:
            # Where an SDK brings none, arguments are values and never cut off.
            import jiter

            try:
                arguments = jiter.from_json(arguments.encode(), partial_mode=True)
            except ValueError:
                return arguments
    return json.dumps(arguments, sort_keys=True, ensure_ascii=False)


def plain(value: Any) -> Any:
    """Makes JSON of what an SDK holds."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return str(value)


class Seen:
    """Remembers the head of the last answer, which SDKs do not always show."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}

    def hook(self, response: Any) -> None:
        """Is called by the SDK's own HTTP client for every response."""
        self.status = response.status_code
        self.headers = {key.lower(): value for key, value in response.headers.items()}


def run(answer: Callable[[Json, Seen], Json], read: Callable[[Json], Json]) -> None:
    """Does every job: `answer` asks a server, `read` makes a request neutral."""
    with open(sys.argv[1], encoding="utf-8") as jobs, open(
        sys.argv[2], "w", encoding="utf-8"
    ) as out:
        for line in jobs:
            job = json.loads(line)
            seen = Seen()
            try:
                result = read(job["body"]) if "body" in job else answer(job, seen)
            except Exception as error:  # What an SDK cannot take is a finding, not an end.
                frames = traceback.format_exc(limit=-4)
                result = {"raised": type(error).__name__, "said": str(error), "where": frames}
            told = {"result": result, "status": seen.status, "headers": seen.headers}
            out.write(json.dumps(told, ensure_ascii=False) + "\n")


def refused(status: int | None, sort: str | None, message: str, code: Any) -> Json:
    """Makes an error."""
    told = {"status": status, "sort": sort or "", "message": message, "code": str(code or "")}
    return {"error": told}
