"""All ways from a set to the end of an item's turn, through handlers, branches and loops."""

import asyncio
import logging
from contextvars import ContextVar

user = ContextVar("user", default=None)
role = ContextVar("role", default=None)
logger = logging.getLogger(__name__)


class Sure:
    """Nothing is left set."""

    def __init__(self, queue: asyncio.Queue) -> None:
        self.queue = queue

    async def in_the_else(self) -> None:
        while True:
            job = await self.queue.get()
            try:
                token = user.set(job.user)
                await self.handle(job)
            except Exception:
                user.reset(token)
            else:
                user.reset(token)

    async def behind_a_handler_that_goes_on(self) -> None:
        while True:
            job = await self.queue.get()
            try:
                token = user.set(job.user)
                await self.handle(job)
            except BaseException:
                logger.exception("failed")
            user.reset(token)

    async def behind_a_handler_without_a_type(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)
            try:
                await self.handle(job)
            except:  # noqa: E722
                logger.exception("failed")
            user.reset(token)

    async def behind_one_of_two_handlers(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)
            try:
                await self.handle(job)
            except ValueError:
                raise
            except Exception:
                logger.exception("failed")
            user.reset(token)

    async def in_a_handler(self) -> None:
        while True:
            job = await self.queue.get()
            try:
                self.check(job)
            except KeyError:
                token = user.set(job.user)
            else:
                continue
            try:
                await self.handle(job)
            finally:
                user.reset(token)

    async def in_a_case(self) -> None:
        while True:
            job = await self.queue.get()
            match job.kind:
                case "user":
                    token = user.set(job.user)
                case _:
                    continue
            try:
                await self.handle(job)
            finally:
                user.reset(token)

    async def in_every_case(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)
            match job.kind:
                case "late":
                    user.reset(token)
                case _:
                    user.reset(token)

    async def in_both_branches(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)
            if job.late:
                user.reset(token)
                continue
            else:
                user.reset(token)
                logger.info("done")

    async def in_a_test(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)
            if self.restored(token):
                await self.handle(job)

    def restored(self, token) -> bool:
        user.reset(token)
        return True

    async def by_a_coroutine(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)
            await self.restore(token)

    async def restore(self, token) -> None:
        user.reset(token)

    async def by_a_with(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)
            with self.resetting(token):
                await self.handle(job)

    async def past_a_loop(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)
            for each in (1, 2):
                if each == 2:
                    continue
                break
            user.reset(token)

    async def past_an_empty_match(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)
            match job:
                case None:
                    logger.info("nothing")
            user.reset(token)

    def resetting(self, token): ...

    def check(self, job) -> None: ...

    async def handle(self, job) -> None:
        await asyncio.sleep(1)


class Skipped(Sure):
    """Something leads past the reset."""

    async def in_the_else_alone(self) -> None:
        while True:
            job = await self.queue.get()
            try:
                token = user.set(job.user)  # error: CTX401
                await self.handle(job)
            except Exception:
                logger.exception("failed")
            else:
                user.reset(token)

    async def behind_a_handler_for_some(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)  # error: CTX401
            try:
                await self.handle(job)
            except (KeyError, asyncio.QueueEmpty):
                logger.exception("failed")
            user.reset(token)

    async def behind_a_raise(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)  # error: CTX401
            if job.bad:
                raise ValueError(job)
            user.reset(token)

    async def behind_a_branch_that_leaves(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)  # error: CTX401
            if job.bad:
                continue
            elif job.empty:
                raise ValueError(job)
            user.reset(token)

    async def behind_an_async_with(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)  # error: CTX401
            async with job.lock:
                logger.info("alone")
            user.reset(token)

    async def behind_an_async_for(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)  # error: CTX401
            async for each in job.parts:
                logger.info(each)
            user.reset(token)

    async def behind_a_try_that_is_left(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)  # error: CTX401
            try:
                await self.handle(job)
                continue
            except Exception:
                logger.exception("failed")
            user.reset(token)

    async def in_a_handler_and_behind_an_await(self) -> None:
        while True:
            job = await self.queue.get()
            try:
                self.check(job)
            except KeyError:
                token = user.set(job.user)  # error: CTX401
                await self.handle(job)
                user.reset(token)


class Unsure(Skipped):
    """It is taken back on some ways, by whoever knows which: no more is known."""

    async def in_some_cases(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)
            match job.kind:
                case "early":
                    user.reset(token)
                case "late":
                    logger.info("later")

    async def in_a_branch(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)
            if job.late:
                user.reset(token)

    async def behind_two_branches_that_leave(self) -> None:
        while True:
            job = await self.queue.get()
            try:
                token = user.set(job.user)
                if job.bad:
                    continue
                else:
                    continue
            except Exception:
                logger.exception("failed")
            user.reset(token)

    async def in_the_head(self) -> None:
        try:
            while token := user.set(await self.queue.get()):
                await self.handle(token)
        except Exception:
            logger.exception("failed")

    async def given_away(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)
            job.keep(token)
            await self.handle(job)

    async def by_a_lambda(self) -> None:
        while True:
            job = await self.queue.get()
            job.begin(lambda: user.set(job.user))


class Sometimes:
    """Set for some items: the next one has it, too."""

    def __init__(self, queue: asyncio.Queue) -> None:
        self.queue = queue

    async def handle(self, job) -> None:
        await asyncio.sleep(1)

    async def for_some(self) -> None:
        while True:
            job = await self.queue.get()
            if job.user:
                role.set(job.user)  # error: CTX401
            await self.handle(job)

    async def for_some_of_a_kind(self) -> None:
        while True:
            job = await self.queue.get()
            with self.lock:
                if job.user:
                    role.set(job.user)  # error: CTX401
                else:
                    logger.info("nobody")

    async def for_all(self) -> None:
        while True:
            job = await self.queue.get()
            if job.user:
                role.set(job.user)
            else:
                role.set("nobody")
            await self.handle(job)

    async def in_a_request(self, websocket) -> None:
        async for message in websocket:
            if message.user:
                role.set(message.user)
            await self.handle(message)

    async def if_there_is_none(self) -> None:
        while True:
            job = await self.queue.get()
            if role.get() is None:
                token = role.set(job.user)
                await self.handle(token)

    async def if_it_is_another(self) -> None:
        while True:
            job = await self.queue.get()
            before = role.get()
            if before != job.user:
                token = role.set(job.user)
                await self.handle(token)

    async def for_some_kinds(self) -> None:
        while True:
            job = await self.queue.get()
            match job.kind:
                case "user":
                    role.set(job.user)

    async def for_what_fails(self) -> None:
        while True:
            job = await self.queue.get()
            try:
                await self.handle(job)
            except ValueError:
                role.set(job.user)
