"""The Anthropic SDK's view of Messages."""

from typing import Any

import anthropic
import neutral
from neutral import Json, Seen

STOPS = {
    "end_turn": "end",
    "max_tokens": "length",
    "tool_use": "call",
    "refusal": "refusal",
    "stop_sequence": "sequence",
    "model_context_window_exceeded": "window",
    "pause_turn": "pause",
}
CHOICES = {"auto": "auto", "any": "any", "none": "none"}


def answer(job: Json, seen: Seen) -> Json:
    """Asks, streamed or not, and accumulates as the SDK does."""
    http = anthropic.DefaultHttpxClient(event_hooks={"response": [seen.hook]})
    client = anthropic.Anthropic(
        base_url=job["base_url"], api_key=job["key"], max_retries=0, http_client=http
    )
    asked = native(job.get("request") or {})
    # What betas add is only accumulated by the SDK's beta side, which knows all else too.
    messages: Any = client.beta.messages if job.get("beta") else client.messages
    try:
        if not job["stream"]:
            return reply(messages.create(model=job["model"], **asked))
        with messages.stream(model=job["model"], **asked) as stream:
            if job.get("strict"):
                check_blocks([event for event in stream if "block" in event.type])
            return reply(stream.get_final_message())
    except anthropic.APIStatusError as error:
        outer: Any = error.body if isinstance(error.body, dict) else {}
        inner = outer.get("error") or {}
        details = inner.get("details") or {}
        said, sort = inner.get("message") or str(error), inner.get("type")
        return neutral.refused(error.status_code, sort, said, details.get("error_code"))
    except anthropic.APIError as error:
        return neutral.refused(None, None, error.message, None)


def check_blocks(events: list[Any]) -> None:
    """Judges the blocks of a stream: one after the other, numbered without a gap, none empty."""
    edges = [(event.type, event.index) for event in events if "_st" in event.type]
    starts = [index for kind, index in edges if kind == "content_block_start"]
    wanted = [
        (f"content_block_{edge}", index) for index in starts for edge in ("start", "stop")
    ]
    assert edges == wanted and starts == list(range(len(starts))), edges
    for index in starts:
        said = [it for it in events if it.index == index and it.type == "content_block_delta"]
        opened = events[[(it.type, it.index) for it in events].index(wanted[2 * index])]
        assert said or opened.content_block.type != "text", f"block {index} is empty"


def reply(message: Any) -> Json:
    """Makes an answer neutral."""
    dump = message.model_dump(mode="json", warnings=False)
    parts = [part for block in dump["content"] for part in block_part(block)]
    reason = dump.get("stop_reason") or "end_turn"
    details = dump.get("stop_details") or {}
    return {
        "id": dump.get("id"),
        "model": dump.get("model"),
        "parts": parts,
        "stop": STOPS.get(reason, "other"),
        "native_stop": dump.get("native_stop_reason") or reason,
        "stop_sequence": dump.get("stop_sequence"),
        "category": details.get("category"),
        "explanation": details.get("explanation"),
        "usage": usage_of(dump.get("usage")),
        "dump": neutral.plain(dump),
    }


def block_part(block: Json) -> list[Json]:
    """Reads one block of an answer."""
    match block["type"]:
        case "text":
            if not block["text"]:
                return []
            part = neutral.text(block["text"])
            return [part | {"citations": len(block.get("citations") or [])}]
        case "thinking":
            sealed = neutral.seal(block.get("signature") or "", "t")
            return [*neutral.thinking(block["thinking"]), *sealed]
        case "redacted_thinking":
            return neutral.seal(block["data"], "h")
        case "tool_use":
            return [neutral.call(block["id"], block["name"], block["input"])]
        case other:
            return [{"kind": "other", "type": other}]


def usage_of(usage: Json | None) -> Json | None:
    """Reads the counts; the input here is without its cached parts."""
    if not usage:
        return None
    cached = usage.get("cache_read_input_tokens") or 0
    written = usage.get("cache_creation_input_tokens") or 0
    spent = usage.get("output_tokens_details") or {}
    return {
        "input": (usage.get("input_tokens") or 0) + cached + written,
        "cached": cached,
        "cache_write": written,
        "output": usage.get("output_tokens") or 0,
        "reasoning": spent.get("thinking_tokens") or 0,
    }


def native(request: Json) -> Json:
    """Writes a neutral request in this dialect."""
    turns = request.get("turns") or [{"role": "user", "parts": [neutral.text("Hello")]}]
    asked: Json = {
        "max_tokens": request.get("max_tokens") or neutral.MAX_TOKENS,
        "messages": [
            {"role": turn["role"], "content": [asked_block(it) for it in turn["parts"]]}
            for turn in turns
        ],
    }
    if request.get("system"):
        asked["system"] = [{"type": "text", "text": it} for it in request["system"]]
    if request.get("tools"):
        asked["tools"] = [
            {
                "name": it["name"],
                "description": it.get("description") or "",
                "input_schema": it.get("schema") or {"type": "object", "properties": {}},
            }
            for it in request["tools"]
        ]
        choice = request.get("choice")
        if isinstance(choice, dict):
            asked["tool_choice"] = {"type": "tool", "name": choice["name"]}
        elif choice:
            asked["tool_choice"] = {"type": CHOICES[choice]}
    if request.get("format"):
        shape = {"type": "json_schema", "schema": request["format"]}
        asked["output_config"] = {"format": shape}
    return asked


def asked_block(part: Json) -> Json:
    """Writes one block of a request."""
    match part["kind"]:
        case "text":
            return {"type": "text", "text": part["text"]}
        case "image" | "document" as kind:
            return {"type": kind, "source": source(part["url"])}
        case "call":
            return {
                "type": "tool_use",
                "id": part["id"],
                "name": part["name"],
                "input": neutral.json.loads(part["arguments"]),
            }
        case _:
            content = [{"type": "text", "text": it} for it in part["texts"]]
            return {"type": "tool_result", "tool_use_id": part["id"], "content": content}


def source(url: str) -> Json:
    """Writes where bytes are."""
    if not url.startswith("data:"):
        return {"type": "url", "url": url}
    head, data = url.removeprefix("data:").split(",", 1)
    return {"type": "base64", "media_type": head.removesuffix(";base64"), "data": data}


def read(body: Json) -> Json:
    """Makes a request of this dialect neutral; what only its provider runs is left out."""
    system = body.get("system") or []
    texts = [system] if isinstance(system, str) else [it["text"] for it in system]
    request: Json = {"system": texts, "turns": [], "tools": []}
    for message in body["messages"]:
        content = message["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        parts = [part for block in blocks for part in read_block(block)]
        turns = request["turns"]
        if turns and turns[-1]["role"] == message["role"]:
            turns[-1]["parts"] += parts
        elif parts:
            turns.append({"role": message["role"], "parts": parts})
    for tool in body.get("tools") or []:
        if tool.get("type") in (None, "custom"):
            shown = {key: tool.get(key) for key in ("name", "description")}
            request["tools"].append(shown | {"schema": tool.get("input_schema")})
    choice = body.get("tool_choice") or {}
    if choice:
        named = {"name": choice["name"]} if choice["type"] == "tool" else choice["type"]
        request["choice"] = named
    most = body.get("max_tokens") or neutral.MAX_TOKENS
    request["max_tokens"] = min(most, neutral.MAX_TOKENS)
    shape = (body.get("output_config") or {}).get("format") or {}
    request["format"] = shape.get("schema")
    return request


def read_block(block: Json) -> list[Json]:
    """Reads one block of a request."""
    match block["type"]:
        case "text":
            return [neutral.text(block["text"])] if block["text"] else []
        case "image" | "document" as kind:
            where = block["source"]
            if where["type"] == "text":
                return [neutral.text(where["data"])]
            if where["type"] == "url":
                return [{"kind": kind, "url": where["url"]}]
            url = f"data:{where['media_type']};base64,{where['data']}"
            return [{"kind": kind, "url": url}]
        case "tool_use":
            return [neutral.call(block["id"], block["name"], block["input"])]
        case "tool_result":
            content = block.get("content") or []
            inner = [content] if isinstance(content, str) else content
            texts = [it if isinstance(it, str) else it.get("text", "") for it in inner]
            return [{"kind": "result", "id": block["tool_use_id"], "texts": texts}]
    return []


if __name__ == "__main__":
    neutral.run(answer, read)
