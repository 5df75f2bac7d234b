"""llama-stack: `InferenceStore` writes chat completions from a queue, with writers started lazily.

The store, its access control and the database are the real ones. The write queue is used with
every backend but SQLite; here it is switched on for SQLite, so that no server is needed.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from llama_stack.core.datatypes import User
from llama_stack.core.request_headers import RequestProviderDataContext
from llama_stack.core.storage.datatypes import InferenceStoreReference, SqliteSqlStoreConfig
from llama_stack.core.storage.sqlstore.sqlstore import register_sqlstore_backends
from llama_stack.providers.utils.inference.inference_store import InferenceStore
from llama_stack_api import OpenAIChatCompletion, OpenAIUserMessageParam
from observing import Work, counted, observed, request, requests_overlapped, told
from sqlstatements import owners, report_writes

IDS = {user: [f"{user}-{number}" for number in (1, 2, 3)] for user in ("alice", "bob")}


async def scenario() -> object:
    with tempfile.TemporaryDirectory() as directory:
        backend = SqliteSqlStoreConfig(db_path=str(Path(directory, "store.db")))
        register_sqlstore_backends({"sql": backend})
        # A queue for one: some completions are put by the fallback, which waits.
        reference = InferenceStoreReference(
            backend="sql", table_name="completions", max_write_queue_size=1, num_writers=2
        )
        store = InferenceStore(reference, policy=[])
        await store.initialize()
        store.enable_write_queue = True
        report_writes(store.sql_store, "alice-", "bob-")

        await asyncio.gather(chat(store, "alice"), chat(store, "bob"))
        await store.flush()
        assert requests_overlapped()
        with RequestProviderDataContext({}, user("bob")):
            seen_by_bob = [await can_read(store, completion) for completion in IDS["bob"]]
        await store.shutdown()
        return {
            "writes": counted(observed()),
            "owners": await owners(store.sql_store, "completions"),
            "Bob can read his own": seen_by_bob,
        }


def user(name: str) -> User:
    return User(principal=name, attributes={"teams": [name]})


async def chat(store: InferenceStore, name: str) -> None:
    with request(name), RequestProviderDataContext({}, user(name)):
        for completion_id in IDS[name]:
            message = {"role": "assistant", "content": "hello"}
            completion = OpenAIChatCompletion.model_validate(
                {
                    "id": completion_id,
                    "created": 1,
                    "model": "m",
                    "object": "chat.completion",
                    "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
                }
            )
            await store.store_chat_completion(completion, [OpenAIUserMessageParam(content="hi")])
            await asyncio.sleep(0)


async def can_read(store: InferenceStore, completion_id: str) -> bool:
    try:
        await store.get_chat_completion(completion_id)
    except ValueError:
        return False
    return True


def outcome(bobs: str) -> object:
    """What is to be seen when Bob's completions are written as `bobs`."""
    who = {"alice": "alice", "bob": bobs}
    return {
        "writes": counted(Work(i, who[u], who[u]) for u, ids in IDS.items() for i in ids),
        "owners": {i: who[u] for u, ids in IDS.items() for i in ids},
        "Bob can read his own": [bobs == "bob"] * 3,
    }


if __name__ == "__main__":
    told(scenario(), leaky=outcome("alice"), fixed=outcome("bob"))
