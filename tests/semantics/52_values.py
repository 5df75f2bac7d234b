"""Contexts as values."""

from contextvars import Context, ContextVar, copy_context

var = ContextVar("var", default="an empty context")
var.set("a copy of the caller's context")
print("`bool(Context())`", "->", f"`{bool(Context())}`")
chosen = Context() or copy_context()
print("`(Context() or copy_context()).run(f)`", "->", chosen.run(var.get))

items = ContextVar("items")
items.set([])
copied = copy_context()
same = copied[items] is items.get()
print("a list in a variable of the copy", "->", "the same list" if same else "a copy of the list")

context = copy_context()
context.run(var.set, "what was set in the copy")
print("the caller, after `copy_context().run(var.set, ...)`", "->", var.get())
