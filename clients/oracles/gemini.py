"""The Google Gen AI SDK's view of generateContent."""

import base64
from typing import Any

import neutral
import partial
from google import genai
from google.genai import errors, types
from neutral import Json, Seen

REFUSALS = (
    "SAFETY",
    "RECITATION",
    "PROHIBITED_CONTENT",
    "BLOCKLIST",
    "SPII",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
    "MODEL_ARMOR",
)
CHOICES = {"auto": "AUTO", "any": "ANY", "none": "NONE"}


def answer(job: Json, seen: Seen) -> Json:
    """Asks, streamed or not; a stream's chunks are added up, since the SDK leaves that to its
    caller."""
    hooks = {"event_hooks": {"response": [seen.hook]}}
    # The recordings are of this version; the SDK's own choice is newer.
    version = "v1beta" if job.get("lenient") else None
    http = types.HttpOptions(
        base_url=job["base_url"], api_version=version, client_args=hooks
    )
    client = genai.Client(api_key=job["key"], http_options=http)
    asked = {"model": job["model"], **native(job.get("request") or {})}
    try:
        if not job["stream"]:
            return reply([client.models.generate_content(**asked)])
        return reply(list(client.models.generate_content_stream(**asked)))
    except errors.APIError as error:
        return neutral.refused(error.code, error.status, error.message or "", None)


def reply(chunks: list[Any]) -> Json:
    """Makes an answer neutral: pieces of one kind are one part, the last word counts."""
    sum_: Json = {"id": None, "model": None, "word": None, "why": None, "usage": None}
    parts = Parts()
    cited = likely = 0
    for chunk in chunks:
        sum_["id"] = sum_["id"] or chunk.response_id
        sum_["model"] = sum_["model"] or chunk.model_version
        sum_["usage"] = chunk.usage_metadata or sum_["usage"]
        if chunk.prompt_feedback and chunk.prompt_feedback.block_reason:
            sum_["word"] = "SAFETY"
            sum_["why"] = chunk.prompt_feedback.block_reason_message
        for candidate in (chunk.candidates or [])[:1]:
            for part in (candidate.content and candidate.content.parts) or []:
                parts.push(part)
            if candidate.finish_reason:
                sum_["word"] = getattr(candidate.finish_reason, "value", candidate.finish_reason)
                sum_["why"] = candidate.finish_message
            cited += citations(candidate)
            likely += len((candidate.logprobs_result and tokens(candidate)) or [])
    told = parts.told()
    stop = stop_of(sum_["word"] or "STOP", told)
    told += [{"kind": "cited", "citations": cited}] if cited else []
    dumps = [
        chunk.model_dump(
            mode="json", by_alias=True, exclude_none=True, exclude={"sdk_http_response"}
        )
        for chunk in chunks
    ]
    return {
        "id": sum_["id"],
        "model": sum_["model"],
        "parts": told,
        "stop": stop,
        "native_stop": sum_["word"],
        "explanation": sum_["why"] if stop == "refusal" else None,
        "usage": usage_of(sum_["usage"]),
        "logprobs": likely,
        "dump": neutral.plain(dumps[0] if len(dumps) == 1 else {"chunks": dumps}),
    }


def tokens(candidate: Any) -> list[Any]:
    """Lists the tokens whose probabilities are told."""
    return candidate.logprobs_result.chosen_candidates or []


def citations(candidate: Any) -> int:
    """Counts what the text is said to come from; a search supports each stretch by each source."""
    listed = candidate.citation_metadata and candidate.citation_metadata.citations
    found = candidate.grounding_metadata
    supports = (found and found.grounding_supports) or []
    return len(listed or []) + sum(len(it.grounding_chunk_indices or []) for it in supports)


class Parts:
    """Adds up the parts of an answer."""

    def __init__(self) -> None:
        self.parts: list[Json] = []
        self.open: partial.Arguments | None = None

    def told(self) -> list[Json]:
        """Gives the parts that say anything."""
        self.end_call()
        return [part for part in self.parts if part.get("text") != ""]

    def push(self, part: Any) -> None:
        """Adds a part; text that goes on continues the last one."""
        if part.function_call:
            self.call(part.function_call, sealed(part, "c"))
        elif part.text is not None:
            self.say("thinking" if part.thought else "text", part.text)
            self.parts += sealed(part, "t" if part.thought else "h")
        else:
            known = part.model_dump(by_alias=True, exclude_none=True)
            names = [it for it in known if it not in ("thought", "thoughtSignature")]
            self.parts += [{"kind": "other", "type": name} for name in names]

    def say(self, kind: str, said: str) -> None:
        """Adds to what is said or thought."""
        if self.parts and self.parts[-1]["kind"] == kind:
            self.parts[-1]["text"] += said
        else:
            self.parts.append({"kind": kind, "text": said})

    def call(self, call: Any, seals: list[Json]) -> None:
        """Adds a call, whole or the next piece of it."""
        if call.name:
            self.end_call()
            self.parts += seals
            self.parts.append(neutral.call(call.id, call.name, call.args or {}))
            goes_on = call.will_continue or call.partial_args
            self.open = partial.Arguments(call.args or {}) if goes_on else None
        if self.open:
            for piece in call.partial_args or []:
                self.open.put(piece)
            if not call.will_continue:
                self.end_call()

    def end_call(self) -> None:
        """Gives a call that came in pieces its arguments."""
        if self.open:
            calls = [part for part in self.parts if part["kind"] == "call"]
            calls[-1]["arguments"] = neutral.meaning(self.open.value)
            self.open = None


def sealed(part: Any, place: str) -> list[Json]:
    """Reads what stands sealed beside a part; what another maker sealed is encoded in it."""
    raw = part.thought_signature or b""
    if raw.startswith(b"tiergate:"):
        return neutral.seal(raw.decode(), place)
    return neutral.seal(base64.b64encode(raw).decode(), place)


def stop_of(reason: str, parts: list[Json]) -> str:
    """Settles why it stopped; a call has no word of its own."""
    if reason == "STOP":
        return "call" if any(part["kind"] == "call" for part in parts) else "end"
    if reason == "MAX_TOKENS":
        return "length"
    return "refusal" if reason in REFUSALS else "other"


def usage_of(usage: Any) -> Json | None:
    """Reads the counts; thoughts are counted beside the output here."""
    if not usage:
        return None
    thought = usage.thoughts_token_count or 0
    return {
        "input": (usage.prompt_token_count or 0) + (usage.tool_use_prompt_token_count or 0),
        "cached": usage.cached_content_token_count or 0,
        "cache_write": 0,
        "output": (usage.candidates_token_count or 0) + thought,
        "reasoning": thought,
    }


def native(request: Json) -> Json:
    """Writes a neutral request in this dialect."""
    turns = request.get("turns") or [{"role": "user", "parts": [neutral.text("Hello")]}]
    said = [part for turn in turns for part in turn["parts"]]
    names = {part["id"]: part["name"] for part in said if part["kind"] == "call"}
    contents: list[Json] = []
    for turn in turns:
        role = "model" if turn["role"] == "assistant" else "user"
        contents.append({"role": role, "parts": [asked_part(it, names) for it in turn["parts"]]})
    config: Json = {"max_output_tokens": request.get("max_tokens") or neutral.MAX_TOKENS}
    if request.get("system"):
        config["system_instruction"] = {"parts": [{"text": it} for it in request["system"]]}
    if request.get("tools"):
        config["tools"] = [{"function_declarations": [declared(it) for it in request["tools"]]}]
        choice = request.get("choice")
        if isinstance(choice, dict):
            chosen: Json = {"mode": "ANY", "allowed_function_names": [choice["name"]]}
            config["tool_config"] = {"function_calling_config": chosen}
        elif choice:
            config["tool_config"] = {"function_calling_config": {"mode": CHOICES[choice]}}
    if request.get("format"):
        config["response_mime_type"] = "application/json"
        config["response_json_schema"] = request["format"]
    return {"contents": contents, "config": config}


def declared(tool: Json) -> Json:
    """Declares a tool."""
    return {
        "name": tool["name"],
        "description": tool.get("description") or "",
        "parameters_json_schema": tool.get("schema") or {"type": "object"},
    }


def asked_part(part: Json, names: dict[str, str]) -> Json:
    """Writes one part of a request."""
    match part["kind"]:
        case "image" | "document" as kind:
            url = part["url"]
            if not url.startswith("data:"):
                media = "image/png" if kind == "image" else "application/pdf"
                return {"file_data": {"file_uri": url, "mime_type": media}}
            head, data = url.removeprefix("data:").split(",", 1)
            return {"inline_data": {"mime_type": head.removesuffix(";base64"), "data": data}}
        case "call":
            args = neutral.json.loads(part["arguments"])
            return {"function_call": {"id": part["id"], "name": part["name"], "args": args}}
        case "result":
            told = {"output": "\n".join(part["texts"])}
            named = {"id": part["id"], "name": names.get(part["id"], "tool")}
            return {"function_response": named | {"response": told}}
        case _:
            return {"text": part["text"]}


def read(body: Json) -> Json:
    """Makes a request of this dialect neutral; what only its provider runs is left out."""
    instruction = body.get("systemInstruction") or {}
    request: Json = {
        "system": [it["text"] for it in instruction.get("parts") or [] if it.get("text")],
        "turns": [],
        "tools": [],
    }
    counted: dict[str, int] = {}
    for content in body["contents"]:
        parts = [it for part in content["parts"] for it in read_part(part, counted)]
        role = "assistant" if content.get("role") == "model" else "user"
        turns = request["turns"]
        if turns and turns[-1]["role"] == role:
            turns[-1]["parts"] += parts
        elif parts:
            turns.append({"role": role, "parts": parts})
    for tool in body.get("tools") or []:
        for it in tool.get("functionDeclarations") or []:
            schema = it.get("parametersJsonSchema") or it.get("parameters_json_schema")
            shown = {key: it.get(key) for key in ("name", "description")}
            request["tools"].append(shown | {"schema": schema})
    request["choice"] = choice_of(body.get("toolConfig") or {})
    config = body.get("generationConfig") or {}
    most = config.get("maxOutputTokens") or neutral.MAX_TOKENS
    request["max_tokens"] = min(most, neutral.MAX_TOKENS)
    request["format"] = config.get("responseJsonSchema")
    return request


def choice_of(config: Json) -> Any:
    """Reads which tool may or must be called; several that may be are any."""
    calling = config.get("functionCallingConfig") or {}
    match calling.get("allowedFunctionNames") or []:
        case [name]:
            return {"name": name}
    mode = (calling.get("mode") or "").lower()
    return mode if mode in CHOICES else None


def read_part(part: Json, counted: dict[str, int]) -> list[Json]:
    """Reads one part of a request; calls without an id are counted by their name."""
    if part.get("text"):
        return [] if part.get("thought") else [neutral.text(part["text"])]
    for field in ("functionCall", "functionResponse"):
        if not part.get(field):
            continue
        inner = part[field]
        key = f"{field}/{inner['name']}"
        counted[key] = counted.get(key, 0) + 1
        made = inner.get("id") or f"call_{inner['name']}_{counted[key]}"
        if field == "functionCall":
            return [neutral.call(made, inner["name"], inner.get("args") or {})]
        said = neutral.json.dumps(inner.get("response"))
        return [{"kind": "result", "id": made, "texts": [said]}]
    if part.get("inlineData"):
        inline = part["inlineData"]
        url = f"data:{inline['mimeType']};base64,{inline['data']}"
        is_image = inline["mimeType"].startswith("image/")
        return [{"kind": "image" if is_image else "document", "url": url}]
    return []


if __name__ == "__main__":
    neutral.run(answer, read)
