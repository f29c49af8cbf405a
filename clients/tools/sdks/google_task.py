"""Google's SDK calls a tool and says what it said, streamed and not."""

import os
from importlib.metadata import version
from typing import Any

from google import genai
from google.genai import types

WORD = os.environ["TIERGATE_WORD"]
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
}
LOOK = types.FunctionDeclaration(
    name="look", description="Reads the note of a city.", parameters_json_schema=SCHEMA
)
CONFIG = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[LOOK])])
CLIENT = genai.Client(
    api_key=os.environ["TIERGATE_KEY"],
    http_options=types.HttpOptions(base_url=os.environ["TIERGATE_URL"]),
)


def ask(turns: list[Any], stream: bool) -> tuple[list[types.Part], Any]:
    """Asks and gives the parts of the answer, and the usage."""
    asked: dict[str, Any] = {
        "model": os.environ["TIERGATE_MODEL"],
        "contents": turns,
        "config": CONFIG,
    }
    if stream:
        replies = list(CLIENT.models.generate_content_stream(**asked))
    else:
        replies = [CLIENT.models.generate_content(**asked)]
    parts: list[types.Part] = []
    for reply in replies:
        for candidate in reply.candidates or []:
            parts += (candidate.content and candidate.content.parts) or []
    return parts, replies[-1].usage_metadata


def run(stream: bool) -> None:
    """Does the task."""
    turns = [types.Content(role="user", parts=[types.Part(text="What is it?")])]
    parts, _ = ask(turns, stream)
    (call,) = [part.function_call for part in parts if part.function_call]
    assert (call.name, call.args) == ("look", {"city": "Paris", "days": 7}), call
    turns.append(types.Content(role="model", parts=parts))
    told = types.FunctionResponse(id=call.id, name=call.name, response={"output": WORD})
    turns.append(types.Content(role="user", parts=[types.Part(function_response=told)]))
    parts, usage = ask(turns, stream)
    said = "".join(part.text or "" for part in parts)
    assert WORD in said, said
    assert usage.prompt_token_count and usage.candidates_token_count, usage


print("version", version("google-genai"))
for streamed in (False, True):
    run(streamed)
