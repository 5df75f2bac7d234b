"""Sentry's integration with threading."""

import threading
from contextvars import Context, ContextVar

import sentry_sdk

sentry_sdk.init(default_integrations=True)
var = ContextVar("var", default=None)
var.set("set by the caller")
seen = []


def callee():
    scope = sentry_sdk.get_isolation_scope()._user == {"id": "caller"}
    if scope and var.get():
        seen.append("all of the caller's context")
    elif scope:
        seen.append("a copy of the caller's scope, and nothing else")
    else:
        seen.append("an empty context" if var.get() is None else "all but the scope")


with sentry_sdk.isolation_scope():
    sentry_sdk.set_user({"id": "caller"})
    for construct, thread in {
        "`threading.Thread(target=f)`": threading.Thread(target=callee),
        "`Thread(target=Context().run, args=(f,))`": threading.Thread(
            target=Context().run, args=(callee,)
        ),
    }.items():
        thread.start()
        thread.join()
        print(f"{construct} under Sentry", "->", seen.pop())
