"""Answers by tier, by model and by alias, streamed and not."""

import chat
import gateway


def main() -> None:
    client = chat.client()
    for name in gateway.NAMES:
        chat.check_whole(client.chat.completions.create(model=name, **chat.ASKED))
        stream = client.chat.completions.create(model=name, stream=True, **chat.ASKED)
        chat.check_chunks(list(stream))
    stream = client.chat.completions.create(model=gateway.TIER, **chat.WITH_USAGE, **chat.ASKED)
    chat.check_chunks_with_usage(list(stream))


main()
