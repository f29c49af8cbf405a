"""Tests that are known to fail, and why: by what the dialect behind the gateway cannot say."""

NO_STOP = "refused by name: Responses knows no stop sequences"
NO_SOUND = "refused by name: the model's API takes no sound recordings"

# By the dialect asked in and the dialect of the provider.
KNOWN: dict[tuple[str, str], dict[str, str]] = {
    ("openai-chat", "openai-responses"): {
        "test_stop_sequence": NO_STOP,
        "test_audio_inputs": NO_SOUND,
    },
    ("openai-chat", "anthropic-messages"): {"test_audio_inputs": NO_SOUND},
    ("anthropic-messages", "openai-responses"): {"test_stop_sequence": NO_STOP},
}


def limits_of(dialect: str, upstream: str) -> dict[str, str]:
    """Lists the tests that fail, each with the reason."""
    return KNOWN.get((dialect, upstream), {})
