"""Answers by tier, by model and by alias, streamed and not."""

import gateway
import messages


def main() -> None:
    client = messages.client()
    for name in gateway.NAMES:
        messages.check_whole(client.messages.create(model=name, **messages.ASKED))
        stream = client.messages.create(model=name, stream=True, **messages.ASKED)
        messages.check_events(list(stream))


main()
