"""The Gemini API without an SDK: a key in the query, and a stream that is one JSON array."""

import json
import os
import urllib.request

import gateway

ROOT = os.environ["GOOGLE_GEMINI_BASE_URL"]
KEY = os.environ["GEMINI_API_KEY"]
BODY = {
    "system_instruction": {"parts": [{"text": gateway.SYSTEM}]},
    "contents": [{"parts": [{"text": gateway.QUESTION}]}],
    "generation_config": {"max_output_tokens": gateway.MAX_TOKENS},
}


def ask(method: str, query: str) -> tuple[str, bytes]:
    url = f"{ROOT}/v1beta/models/{gateway.TIER}:{method}?{query}"
    head = {"content-type": "application/json"}
    request = urllib.request.Request(url, json.dumps(BODY).encode(), head)
    with urllib.request.urlopen(request) as answer:
        return answer.headers["content-type"], answer.read()


def texts(chunk: dict) -> list[str]:
    parts = chunk["candidates"][0]["content"]["parts"]
    return [part["text"] for part in parts if part.get("text")]


def main() -> None:
    kind, body = ask("generateContent", f"key={KEY}")
    assert kind == "application/json", kind
    gateway.check_text("".join(texts(json.loads(body))))
    kind, body = ask("streamGenerateContent", f"key={KEY}")
    assert kind == "application/json", kind
    chunks = json.loads(body)
    gateway.check_pieces([text for chunk in chunks for text in texts(chunk)])
    kind, body = ask("streamGenerateContent", f"alt=sse&key={KEY}")
    assert kind.startswith("text/event-stream"), kind
    events = body.decode().split("\r\n\r\n" if b"\r\n" in body else "\n\n")
    told = [json.loads(event.removeprefix("data: ")) for event in events if event]
    assert [texts(one) for one in told] == [texts(one) for one in chunks], (told, chunks)


main()
