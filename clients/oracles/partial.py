"""Arguments of a call that a Gemini stream brings in pieces, each with the place it belongs to;
its SDK hands the pieces on. It must not know an answer."""

import re
from typing import Any

STEP = re.compile(r"\.([^.\[]+)|\['([^']*)'\]|\[(\d+)\]")


class Arguments:
    """Adds up the pieces."""

    def __init__(self, begun: Any) -> None:
        self.value: Any = begun

    def put(self, piece: Any) -> None:
        """Puts a piece in its place: a text goes on, any other value is whole."""
        steps: list[str | int] = [
            int(found[3]) if found[3] else found[1] or found[2]
            for found in STEP.finditer((piece.json_path or "$").removeprefix("$"))
        ]
        value: Any = piece.number_value if piece.number_value is not None else piece.bool_value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if piece.string_value is not None:
            value = piece.string_value
        elif value is None and not piece.null_value:
            value = ""
        self.value = put(self.value, steps, value)


def put(tree: Any, steps: list[str | int], value: Any) -> Any:
    """Gives a tree with a value at a place."""
    if not steps:
        goes_on = isinstance(tree, str) and isinstance(value, str)
        return tree + value if goes_on else value
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        items: list[Any] = tree if isinstance(tree, list) else []
        items += [None] * (step + 1 - len(items))
        items[step] = put(items[step], rest, value)
        return items
    fields: dict[str, Any] = tree if isinstance(tree, dict) else {}
    fields[step] = put(fields.get(step), rest, value)
    return fields
