"""A task for Inspect: each sample asks for a word, and a tenth of them expect another one."""

from inspect_ai import Task, task
from inspect_ai.dataset import Sample
from inspect_ai.scorer import includes
from inspect_ai.solver import generate


@task
def echoes():
    def sample(at):
        target = f"word-{at}." if at % 10 else "another word"
        return Sample(id=f"word-{at}", input=f"Say word-{at}.", target=target)

    return Task(dataset=[sample(at) for at in range(40)], solver=generate(), scorer=includes())
