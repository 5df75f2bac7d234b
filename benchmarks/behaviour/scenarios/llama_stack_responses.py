"""llama-stack: background responses are made by a worker pool, started by the first of them.

The implementation, the orchestrator, the responses store with its access control, and the database
are the real ones. The model is a stub that answers, fails or hangs; workers give up after a moment.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from llama_stack.core.datatypes import User
from llama_stack.core.request_headers import RequestProviderDataContext, get_authenticated_user
from llama_stack.core.storage.datatypes import ResponsesStoreReference, SqliteSqlStoreConfig
from llama_stack.core.storage.sqlstore.sqlstore import register_sqlstore_backends
from llama_stack.providers.inline.agents.meta_reference.responses import openai_responses
from llama_stack.providers.utils.responses.responses_store import ResponsesStore
from llama_stack_api import OpenAIChatCompletionChunk
from observing import Work, did, observed, request, requests_overlapped, told
from sqlstatements import owners, report_writes

UNUSED = """
    tool_groups_api tool_runtime_api vector_io_api safety_api conversations_api prompts_api
    files_api connectors_api
""".split()
PROMPTS = {"alice": ["hello"], "bob": ["hello", "fail", "hang"]}
ENDS = {"hello": "completed", "fail": "failed", "hang": "failed"}
OWNERS = {f"{user}'s {prompt}": user for user, prompts in PROMPTS.items() for prompt in prompts}


class Model:
    """Stands for the inference API: says in whose name it is asked."""

    async def openai_chat_completion(self, params: Any) -> AsyncIterator[OpenAIChatCompletionChunk]:
        caller = get_authenticated_user()
        prompt = params.messages[-1].content
        did(f"{params.model} asked by {caller.principal if caller else 'nobody'}: {prompt}")
        await asyncio.sleep(0)
        if prompt == "fail":
            raise RuntimeError("the model is down")
        if prompt == "hang":
            await asyncio.sleep(60)
        return self._answer()

    async def _answer(self) -> AsyncIterator[OpenAIChatCompletionChunk]:
        choice = {"index": 0, "finish_reason": "stop", "delta": {"content": "hi"}}
        yield OpenAIChatCompletionChunk.model_validate(
            {"id": "chunk", "created": 1, "model": "m", "choices": [choice]}
        )


async def scenario() -> object:
    logging.disable(logging.CRITICAL)  # failures are what some requests ask for
    openai_responses.BACKGROUND_RESPONSE_TIMEOUT_SECONDS = 1
    with tempfile.TemporaryDirectory() as directory:
        register_sqlstore_backends(
            {"sql": SqliteSqlStoreConfig(db_path=str(Path(directory, "store.db")))}
        )
        store = ResponsesStore(
            ResponsesStoreReference(backend="sql", table_name="responses"), policy=[]
        )
        await store.initialize()
        report_writes(store.sql_store, "resp_")
        others: dict[str, Any] = dict.fromkeys(UNUSED)
        responses = openai_responses.OpenAIResponsesImpl(
            inference_api=Model(), responses_store=store, **others
        )
        made: dict[str, dict[str, str]] = {"alice": {}, "bob": {}}
        await asyncio.gather(
            ask(responses, "alice", made["alice"]), ask(responses, "bob", made["bob"])
        )
        await responses._background_queue.join()
        assert requests_overlapped()
        names = {i: f"{user}'s {p}" for user, ids in made.items() for p, i in ids.items()}
        rows = await owners(store.sql_store, "responses")
        outcome = {
            # A response is written several times: queued, in progress, and as it grows.
            "work": {Work(names.get(w.what, w.what), w.user, w.trace_of) for w in observed()},
            "owners": {names[response_id]: owner for response_id, owner in rows.items()},
            "statuses": {user: await statuses(responses, user, made[user]) for user in made},
        }
        await responses.shutdown()
        return outcome


def identity(name: str) -> RequestProviderDataContext:
    return RequestProviderDataContext({}, User(principal=name, attributes={"teams": [name]}))


async def ask(
    responses: openai_responses.OpenAIResponsesImpl, name: str, made: dict[str, str]
) -> None:
    """Create a background response for each of the user's prompts."""
    with request(name), identity(name):
        for prompt in PROMPTS[name]:
            made[prompt] = (
                await responses.create_openai_response(
                    prompt, model="m", background=True, store=True
                )
            ).id


async def statuses(
    responses: openai_responses.OpenAIResponsesImpl, name: str, made: dict[str, str]
) -> dict[str, str]:
    """What the user sees of each response."""
    seen: dict[str, str] = {}
    with identity(name):
        for prompt, response_id in made.items():
            try:
                seen[prompt] = (await responses.get_openai_response(response_id)).status
            except Exception as error:  # a row of somebody else's is not found
                seen[prompt] = type(error).__name__
    return seen


WRITES = {Work(row, user, user) for row, user in OWNERS.items()}
LEAKY = {
    # As Alice, the workers find none of Bob's responses: they are never asked, never written.
    "work": {*WRITES, Work("m asked by alice: hello", "alice", "alice")},
    "owners": OWNERS,
    "statuses": {"alice": {"hello": "completed"}, "bob": dict.fromkeys(ENDS, "queued")},
}
FIXED = {
    "work": WRITES
    | {
        Work(f"m asked by {user}: {prompt}", user, user)
        for user, prompts in PROMPTS.items()
        for prompt in prompts
    },
    "owners": OWNERS,
    "statuses": {"alice": {"hello": "completed"}, "bob": ENDS},
}

if __name__ == "__main__":
    told(scenario(), leaky=LEAKY, fixed=FIXED)
