#  A comment before everything.

"""Comments wherever one may stand."""  # behind the docstring
# between docstring and imports
import asyncio  # behind an import
import logging

# before a from-import
from contextvars import (  # behind the parenthesis
    ContextVar,  # behind a name
    # between the names
)

# before the first statement

USER: ContextVar[str] = ContextVar("user", default="nobody")  # behind a statement
logger = logging.getLogger(__name__)


class Jobs:
    # before a method
    def __init__(self) -> None:  # behind a header
        # before the queue
        self._queue: asyncio.Queue[  # behind a bracket
            str  # behind the type
            # after the type
        ] = asyncio.Queue()  # behind the queue
        self._task: asyncio.Task[None] | None = None

    async def submit(
        self,
        job: str,  # behind a parameter
    ) -> None:
        if self._task is None:  # behind a condition
            # before the spawn
            self._task = asyncio.create_task(  # behind its parenthesis
                # before the coroutine
                self._run(),  # behind the coroutine
                # before the name
                name="jobs",
                # at the end of the call
            )  # behind the call
            # after the spawn
        # before the put
        await self._queue.put(  # the put
            # before the item
            job  # behind the item
            # after the item
        )  # behind the put
        # after the put

    async def _run(self) -> None:
        # before the loop
        while True:  # for ever
            # before the get
            job = await (  # the get
                # inside the get
                self._queue.get()  # behind the call
            )  # behind the get
            # after the get
            if job == "pause":  # a test
                # inside the test
                continue  # and back
                # never reached
            # before the try
            try:  # behind try
                # inside try
                logger.info(
                    "%s",  # an argument
                    job,
                )
            # before except
            except ValueError:  # behind except
                # inside except
                pass
            else:  # behind else
                pass
                # at the end of else
            finally:  # behind finally
                # inside finally
                self._queue.task_done()  # behind task_done
                # at the end of finally
            # at the end of the loop
        # after the loop
    # after the method
# after the class

# the end
