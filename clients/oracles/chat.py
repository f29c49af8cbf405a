"""The OpenAI SDK's view of Chat Completions."""

from typing import Any

import neutral
import openai
from neutral import Json, Seen

STOPS = {
    "stop": "end",
    "length": "length",
    "tool_calls": "call",
    "function_call": "call",
    "content_filter": "refusal",
}
CHOICES = {"auto": "auto", "any": "required", "none": "none"}


def answer(job: Json, seen: Seen) -> Json:
    """Asks, streamed or not, and accumulates as the SDK does."""
    http = openai.DefaultHttpxClient(event_hooks={"response": [seen.hook]})
    client = openai.OpenAI(
        base_url=job["base_url"], api_key=job["key"], max_retries=0, http_client=http
    )
    asked = native(job.get("request") or {})
    try:
        if not job["stream"]:
            return reply(client.chat.completions.create(model=job["model"], **asked))
        usage: Any = {"include_usage": True}
        with client.chat.completions.stream(
            model=job["model"], stream_options=usage, **asked
        ) as stream:
            # The last step of the SDK's helper raises on every refusal; what it has added up by
            # then is what is compared.
            stream.until_done()
            return reply(stream.current_completion_snapshot)
    except openai.APIStatusError as error:
        body: Any = error.body if isinstance(error.body, dict) else {}
        message = body.get("message") or str(error)
        return neutral.refused(error.status_code, error.type, message, error.code)
    except openai.APIError as error:
        return neutral.refused(None, error.type, error.message, error.code)


def reply(completion: Any) -> Json:
    """Makes an answer neutral."""
    dump = completion.model_dump(mode="json", warnings=False)
    choice = dump["choices"][0]
    message = choice["message"]
    parts = thoughts(message)
    content = message.get("content")
    for piece in content if isinstance(content, list) else [content]:
        parts += content_part(piece)
    cited = len(message.get("annotations") or [])
    parts += [{"kind": "cited", "citations": cited}] if cited else []
    if message.get("refusal"):
        parts.append({"kind": "refusal", "text": message["refusal"]})
    for item in message.get("tool_calls") or []:
        parts.append(call_part(item))
    return {
        "id": dump.get("id"),
        "model": dump.get("model"),
        "parts": parts,
        "stop": stop_of(choice, parts),
        "native_stop": choice.get("native_finish_reason"),
        "usage": usage_of(dump.get("usage")),
        "logprobs": len((choice.get("logprobs") or {}).get("content") or []),
        "dump": neutral.plain(dump),
    }


def thoughts(message: Json) -> list[Json]:
    """Finds the thoughts that compatible servers send beside the content, and what seals them.
    Entries that name whose they are stand for the text beside them, which is the same."""
    told: list[str] = [message[it] for it in ("reasoning_content", "reasoning") if message.get(it)]
    parts = neutral.thinking(told[0]) if told else []
    own: list[Json] = []
    for entry in message.get("reasoning_details") or []:
        maker = (entry.get("format") or "").removeprefix("tiergate/")
        if maker == (entry.get("format") or ""):
            own.append(entry)
            continue
        place = "t" if "signature" in entry else "c" if entry.get("id") else "h"
        value = entry.get("signature") or entry.get("data") or ""
        parts += neutral.seal(f"tiergate:{maker}:{place}:{value}", place)
    return parts + neutral.own_seal(own)


def call_part(item: Json) -> Json:
    """Reads a call, of an object or of free text."""
    if item.get("custom"):
        custom = item["custom"]
        return neutral.free_call(item.get("id"), custom["name"], custom["input"])
    function = item["function"]
    return neutral.call(item.get("id"), function["name"], function["arguments"])


def content_part(piece: Any) -> list[Json]:
    """Reads content: a text, or one of the parts that some servers send."""
    if not piece:
        return []
    if isinstance(piece, str):
        return [neutral.text(piece)]
    if piece.get("type") == "thinking":
        inner = piece.get("thinking") or []
        said = inner if isinstance(inner, str) else "".join(it.get("text", "") for it in inner)
        return [{"kind": "thinking", "text": said}]
    return [neutral.text(piece["text"])] if piece.get("text") else []


def stop_of(choice: Json, parts: list[Json]) -> str:
    """Settles why it stopped: some servers say `stop` where tools are called."""
    kinds = {part["kind"] for part in parts}
    reason = STOPS.get(choice.get("finish_reason") or "stop", "other")
    if "refusal" in kinds:
        return "refusal"
    return "call" if reason == "end" and "call" in kinds else reason


def usage_of(usage: Json | None) -> Json | None:
    """Reads the counts, with reasoning inside the output wherever a server counts it."""
    if not usage:
        return None
    inside = usage.get("prompt_tokens_details") or {}
    spent = usage.get("completion_tokens_details") or {}
    reasoning = spent.get("reasoning_tokens") or 0
    given, said = usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0
    # xAI counts reasoning beside the output; its total tells.
    if reasoning and usage.get("total_tokens") == given + said + reasoning:
        said += reasoning
    return {
        "input": given,
        "cached": inside.get("cached_tokens") or 0,
        "cache_write": inside.get("cache_write_tokens") or 0,
        "output": said,
        "reasoning": reasoning,
    }


def native(request: Json) -> Json:
    """Writes a neutral request in this dialect."""
    messages: list[Json] = [{"role": "system", "content": it} for it in request.get("system", [])]
    for turn in request.get("turns") or [{"role": "user", "parts": [neutral.text("Hello")]}]:
        messages += native_turn(turn)
    asked: Json = {
        "messages": messages,
        "max_completion_tokens": request.get("max_tokens") or neutral.MAX_TOKENS,
    }
    if request.get("tools"):
        asked["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": it["name"],
                    "description": it.get("description") or "",
                    "parameters": it.get("schema") or {"type": "object", "properties": {}},
                },
            }
            for it in request["tools"]
        ]
        choice = request.get("choice")
        if isinstance(choice, dict):
            asked["tool_choice"] = {"type": "function", "function": {"name": choice["name"]}}
        elif choice:
            asked["tool_choice"] = CHOICES[choice]
    if request.get("format"):
        schema = {"name": "answer", "schema": request["format"], "strict": True}
        asked["response_format"] = {"type": "json_schema", "json_schema": schema}
    return asked


def native_turn(turn: Json) -> list[Json]:
    """Writes a turn: a message for each tool's result, then the rest."""
    messages: list[Json] = []
    content: list[Json] = []
    calls: list[Json] = []
    for part in turn["parts"]:
        if part["kind"] == "result":
            said = "\n".join(part["texts"])
            messages.append({"role": "tool", "tool_call_id": part["id"], "content": said})
        elif part["kind"] == "call":
            function = {"name": part["name"], "arguments": part["arguments"]}
            calls.append({"id": part["id"], "type": "function", "function": function})
        elif part["kind"] == "image":
            content.append({"type": "image_url", "image_url": {"url": part["url"]}})
        elif part["kind"] == "document":
            # A document at an address has no counterpart here.
            if part["url"].startswith("data:"):
                file = {"filename": "document", "file_data": part["url"]}
                content.append({"type": "file", "file": file})
        else:
            content.append({"type": "text", "text": part["text"]})
    if content or calls:
        message: Json = {"role": turn["role"], "content": content or None}
        if calls:
            message["tool_calls"] = calls
        messages.append(message)
    return messages


def read(body: Json) -> Json:
    """Makes a request of this dialect neutral."""
    request: Json = {"system": [], "turns": [], "tools": [], "format": None}
    for message in body["messages"]:
        role = message["role"]
        parts = [it for piece in pieces(message.get("content")) for it in asked_part(piece)]
        if role in ("system", "developer") and not request["turns"]:
            request["system"] += [part["text"] for part in parts]
            continue
        if role == "tool":
            texts = [part["text"] for part in parts]
            parts = [{"kind": "result", "id": message["tool_call_id"], "texts": texts}]
        if message.get("refusal"):
            parts.append(neutral.text(message["refusal"]))
        for item in message.get("tool_calls") or []:
            function = item["function"]
            part = neutral.call(item.get("id"), function["name"], function["arguments"])
            parts.append(part)
        role = {"tool": "user", "developer": "system"}.get(role, role)
        push(request["turns"], role, parts)
    for tool in body.get("tools") or []:
        function = tool["function"]
        shown = {key: function.get(key) for key in ("name", "description")}
        request["tools"].append(shown | {"schema": function.get("parameters")})
    choice = body.get("tool_choice")
    if isinstance(choice, dict):
        request["choice"] = {"name": choice["function"]["name"]}
    elif choice:
        request["choice"] = {"required": "any"}.get(choice, choice)
    most = body.get("max_completion_tokens") or body.get("max_tokens")
    request["max_tokens"] = min(most or neutral.MAX_TOKENS, neutral.MAX_TOKENS)
    shape = body.get("response_format") or {}
    request["format"] = (shape.get("json_schema") or {}).get("schema")
    return request


def push(turns: list[Json], role: str, parts: list[Json]) -> None:
    """Adds a turn; one of the same speaker continues the last."""
    if turns and turns[-1]["role"] == role:
        turns[-1]["parts"] += parts
    elif parts:
        turns.append({"role": role, "parts": parts})


def pieces(content: Any) -> list[Any]:
    """Lists what a content holds."""
    if content is None:
        return []
    return content if isinstance(content, list) else [content]


def asked_part(piece: Any) -> list[Json]:
    """Reads one part of a request's message."""
    if isinstance(piece, str):
        return [neutral.text(piece)] if piece else []
    match piece.get("type"):
        case "text":
            return [neutral.text(piece["text"])] if piece["text"] else []
        case "image_url":
            return [{"kind": "image", "url": piece["image_url"]["url"]}]
        case "file":
            return [{"kind": "document", "url": piece["file"]["file_data"]}]
    return []


if __name__ == "__main__":
    neutral.run(answer, read)
