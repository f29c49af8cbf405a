"""The OpenAI SDK's view of Responses."""

from typing import Any

import neutral
import openai
from neutral import Json, Seen

CHOICES = {"auto": "auto", "any": "required", "none": "none"}
ENDS = ("response.completed", "response.incomplete")


def answer(job: Json, seen: Seen) -> Json:
    """Asks, streamed or not, and accumulates as the SDK does."""
    http = openai.DefaultHttpxClient(event_hooks={"response": [seen.hook]})
    client = openai.OpenAI(
        base_url=job["base_url"], api_key=job["key"], max_retries=0, http_client=http
    )
    asked = {"model": job["model"], **native(job.get("request") or {})}
    try:
        if not job["stream"]:
            return reply(client.responses.create(**asked), [])
        return reply(*streamed(client, asked, bool(job.get("lenient"))))
    except openai.APIStatusError as error:
        body: Any = error.body if isinstance(error.body, dict) else {}
        message = body.get("message") or str(error)
        return neutral.refused(error.status_code, error.type, message, error.code)
    except openai.APIError as error:
        return neutral.refused(None, error.type, error.message, error.code)


def streamed(client: Any, asked: Json, is_lenient: bool) -> tuple[Any, list[Json]]:
    """Reads a stream to its end, with the items as they were done. The SDK's helper checks every event against those before it,
    which some servers do not stand; the last event of theirs tells the whole answer too."""
    try:
        with client.responses.stream(**asked) as stream:
            events = list(stream)
        response = whole(events)
        if not is_lenient:
            check(events, [item.model_dump(warnings=False) for item in response.output])
    except RuntimeError:
        if not is_lenient:
            raise
        events = list(client.responses.create(stream=True, **asked))
        response = whole(events)
    done = [event for event in events if event.type == "response.output_item.done"]
    done.sort(key=lambda event: event.output_index)
    return response, [event.item.model_dump(mode="json", warnings=False) for event in done]


def whole(events: list[Any]) -> Any:
    """Finds the answer that a stream ends with."""
    ends = [event for event in events if event.type in (*ENDS, "response.failed")]
    if not ends:
        raise EOFError("the stream has no end")
    response = ends[-1].response
    if response.status == "failed":
        error = response.error
        raise openai.APIError(error.message, request=None, body=error.model_dump())  # type: ignore
    return response


def check(events: list[Any], output: list[Json]) -> None:
    """Judges the deltas of a stream: they add up to what its end says of each item."""
    said: list[dict[str, str]] = [{} for _ in output]
    for event in events:
        if event.type.endswith(".delta"):
            inner = getattr(event, "content_index", getattr(event, "summary_index", ""))
            known = said[event.output_index]
            known[str(inner)] = known.get(str(inner), "") + event.delta
    for item, pieces in zip(output, said, strict=True):
        field = {"message": "content", "reasoning": "summary"}.get(item["type"], "")
        texts = [it.get("text") or it.get("refusal") or "" for it in item.get(field) or []]
        wanted = dict(enumerate(texts)) if field else {"": item.get("arguments", item.get("input"))}
        wanted = {str(key): text for key, text in wanted.items() if text}
        told = {key: text for key, text in pieces.items() if text}
        # No delta says that there are no arguments.
        assert told == wanted or not told and wanted == {"": "{}"}, (told, wanted)


def reply(response: Any, done: list[Json]) -> Json:
    """Makes an answer neutral. Thoughts are sealed anew in each event that tells them: those that
    were told when they were done are taken."""
    dump = response.model_dump(mode="json", warnings=False)
    if [item["type"] for item in done] == [item["type"] for item in dump["output"]]:
        pairs = zip(done, dump["output"], strict=True)
        dump["output"] = [new if new["type"] == "reasoning" else old for new, old in pairs]
    parts = [part for item in dump["output"] for part in item_part(item)]
    content = [it for item in dump["output"] for it in item.get("content") or []]
    return {
        "id": dump.get("id"),
        "model": dump.get("model"),
        "parts": parts,
        "stop": stop_of(dump, {part["kind"] for part in parts}),
        "native_stop": dump.get("native_stop_reason"),
        "usage": usage_of(dump.get("usage")),
        "logprobs": sum(len(it.get("logprobs") or []) for it in content),
        "dump": neutral.plain(dump),
    }


def item_part(item: Json) -> list[Json]:
    """Reads one item of an answer."""
    match item["type"]:
        case "message":
            return [part for piece in item["content"] for part in content_part(piece)]
        case "reasoning":
            return thoughts(item)
        case "function_call":
            return [neutral.call(item["call_id"], item["name"], item["arguments"])]
        case "custom_tool_call":
            return [neutral.free_call(item["call_id"], item["name"], item["input"])]
        case other:
            return [{"kind": "other", "type": other}]


def content_part(piece: Json) -> list[Json]:
    """Reads one piece of a message."""
    if piece["type"] == "refusal":
        return [{"kind": "refusal", "text": piece["refusal"]}]
    if not piece.get("text"):
        return []
    return [neutral.text(piece["text"]) | {"citations": len(piece.get("annotations") or [])}]


def thoughts(item: Json) -> list[Json]:
    """Reads an item of thoughts: the thoughts themselves, else their summary, and what seals
    them. One with an id of the gateway's own carries what another maker sealed."""
    content = [it["text"] for it in item.get("content") or [] if it.get("text")]
    summary = [it["text"] for it in item.get("summary") or [] if it.get("text")]
    parts = neutral.thinking("\n\n".join(content or summary))
    encrypted = item.get("encrypted_content") or ""
    if encrypted.startswith("tiergate:"):
        return parts + neutral.seal(encrypted, "h")
    if (item.get("id") or "").startswith("rs_tiergate_"):
        return parts
    return parts + neutral.item_seal(item, "t" if parts else "h")


def stop_of(response: Json, kinds: set[str]) -> str:
    """Settles why it stopped: a call and a refusal are complete answers here."""
    if "refusal" in kinds:
        return "refusal"
    if response.get("status") == "incomplete":
        reason = (response.get("incomplete_details") or {}).get("reason")
        return {"max_output_tokens": "length", "content_filter": "refusal"}.get(reason, "other")
    return "call" if "call" in kinds else "end"


def usage_of(usage: Json | None) -> Json | None:
    """Reads the counts."""
    if not usage:
        return None
    inside = usage.get("input_tokens_details") or {}
    spent = usage.get("output_tokens_details") or {}
    return {
        "input": usage.get("input_tokens") or 0,
        "cached": inside.get("cached_tokens") or 0,
        "cache_write": inside.get("cache_write_tokens") or 0,
        "output": usage.get("output_tokens") or 0,
        "reasoning": spent.get("reasoning_tokens") or 0,
    }


def native(request: Json) -> Json:
    """Writes a neutral request in this dialect."""
    system = request.get("system") or []
    items: list[Json] = [{"role": "system", "content": it} for it in system[1:]]
    for turn in request.get("turns") or [{"role": "user", "parts": [neutral.text("Hello")]}]:
        items += native_turn(turn)
    asked: Json = {
        "input": items,
        "max_output_tokens": request.get("max_tokens") or neutral.MAX_TOKENS,
        "store": False,
    }
    if system:
        asked["instructions"] = system[0]
    if request.get("tools"):
        asked["tools"] = [
            {
                "type": "function",
                "name": it["name"],
                "description": it.get("description") or "",
                "parameters": it.get("schema") or {"type": "object", "properties": {}},
                "strict": False,
            }
            for it in request["tools"]
        ]
        choice = request.get("choice")
        if isinstance(choice, dict):
            asked["tool_choice"] = {"type": "function", "name": choice["name"]}
        elif choice:
            asked["tool_choice"] = CHOICES[choice]
    if request.get("format"):
        schema = {"name": "answer", "schema": request["format"], "strict": True}
        asked["text"] = {"format": {"type": "json_schema", **schema}}
    return asked


def native_turn(turn: Json) -> list[Json]:
    """Writes a turn: an item for each call and each tool's result, and messages around them."""
    items: list[Json] = []
    said = "output_text" if turn["role"] == "assistant" else "input_text"
    for part in turn["parts"]:
        match part["kind"]:
            case "result":
                told = "\n".join(part["texts"])
                output = {"type": "function_call_output", "call_id": part["id"], "output": told}
                items.append(output)
                continue
            case "call":
                named = {"call_id": part["id"], "name": part["name"]}
                call = {"type": "function_call", **named, "arguments": part["arguments"]}
                items.append(call)
                continue
            case "image":
                piece: Json = {"type": "input_image", "image_url": part["url"], "detail": "auto"}
            case "document":
                field = "file_data" if part["url"].startswith("data:") else "file_url"
                piece = {"type": "input_file", "filename": "document", field: part["url"]}
            case _:
                piece = {"type": said, "text": part["text"]}
        if not items or "content" not in items[-1]:
            items.append({"type": "message", "role": turn["role"], "content": []})
        items[-1]["content"].append(piece)
    return items


def read(body: Json) -> Json:
    """Makes a request of this dialect neutral; what only its provider keeps or runs is left
    out."""
    instructions = body.get("instructions")
    request: Json = {"system": [instructions] if instructions else [], "turns": [], "tools": []}
    asked = body["input"]
    for item in [{"role": "user", "content": asked}] if isinstance(asked, str) else asked:
        read_item(item, request)
    for tool in body.get("tools") or []:
        for it in tool["tools"] if tool["type"] == "namespace" else [tool]:
            if it["type"] == "function":
                shown = {key: it.get(key) for key in ("name", "description")}
                request["tools"].append(shown | {"schema": it.get("parameters")})
    choice = body.get("tool_choice")
    if isinstance(choice, dict):
        request["choice"] = {"name": choice["name"]} if choice.get("name") else None
    elif choice:
        request["choice"] = {"required": "any"}.get(choice, choice)
    most = body.get("max_output_tokens") or neutral.MAX_TOKENS
    request["max_tokens"] = min(most, neutral.MAX_TOKENS)
    request["format"] = ((body.get("text") or {}).get("format") or {}).get("schema")
    return request


def read_item(item: Json, request: Json) -> None:
    """Adds an item to a request."""
    turns = request["turns"]
    match item.get("type") or "message":
        case "function_call":
            part = neutral.call(item["call_id"], item["name"], item["arguments"])
            push(turns, "assistant", [part])
        case "custom_tool_call":
            part = neutral.call(item["call_id"], item["name"], {"input": item["input"]})
            push(turns, "assistant", [part])
        case "function_call_output" | "custom_tool_call_output":
            texts = [it["text"] for it in read_content(item["output"])]
            push(turns, "user", [{"kind": "result", "id": item["call_id"], "texts": texts}])
        case "message" if item["role"] in ("system", "developer") and not turns:
            request["system"] += [it["text"] for it in read_content(item["content"])]
        case "message":
            role = {"developer": "system"}.get(item["role"], item["role"])
            push(turns, role, read_content(item["content"]))


def push(turns: list[Json], role: str, parts: list[Json]) -> None:
    """Adds a turn; one of the same speaker continues the last."""
    if turns and turns[-1]["role"] == role:
        turns[-1]["parts"] += parts
    elif parts:
        turns.append({"role": role, "parts": parts})


def read_content(content: Any) -> list[Json]:
    """Reads what a message or a tool's result says."""
    if isinstance(content, str):
        return [neutral.text(content)] if content else []
    parts: list[Json] = []
    for piece in content:
        match piece["type"]:
            case "input_text" | "output_text":
                parts.append(neutral.text(piece["text"]))
            case "refusal":
                parts.append(neutral.text(piece["refusal"]))
            case "input_image":
                parts.append({"kind": "image", "url": piece["image_url"]})
            case "input_file":
                url = piece.get("file_data") or piece.get("file_url")
                parts.append({"kind": "document", "url": url})
    return parts


if __name__ == "__main__":
    neutral.run(answer, read)
