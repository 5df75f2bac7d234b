"""Copies of contexts, and variables that stay set, with comments in the way."""

import contextvars  # for the copies
from concurrent.futures import ThreadPoolExecutor

USER: contextvars.ContextVar[str] = contextvars.ContextVar("user", default="nobody")
pool = ThreadPoolExecutor()


def store(part):
    print(USER.get(), part)


# Work that needs to know its user.
def handle(part):
    pool.submit(  # nothing goes along
        # the function
        store,  # behind the function
        part,
    )  # behind the call


def handle_late(part):
    pool.submit(  # copied on the far side
        lambda: contextvars.copy_context().run(store, part)  # behind the lambda
        # after the lambda
    )


def handle_all(parts):
    context = contextvars.copy_context()  # one for all
    for part in parts:
        # before each
        pool.submit(context.run, store, part)  # behind each


def handle_in(part, context=None):
    # before the fallback
    chosen = context or contextvars.copy_context()  # behind the fallback
    chosen.run(store, part)


class UserMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    # before the call
    def __call__(self, request):  # behind the header
        # before the set
        token = USER.set(request.user)  # behind the set
        # after the set
        text = """
        as it stands
"""
        response = self.get_response(request, text)  # behind the answer
        # before the reset
        USER.reset(token)  # behind the reset
        return response  # at last
