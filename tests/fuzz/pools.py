"""Cells with executors and task groups: what they are given, and what that keeps or loses."""

from __future__ import annotations

from .cell import Cell
from .loops import Ground, Pick, endless, finite, indented
from .spawning import MARK


def executor(pick: Pick, label: str) -> Cell:
    """Requests give their items to a pool of one thread, or to a thread of asyncio's."""
    asks = pick(True, True, False)
    how = pick("submit", "map", "run_in_executor", "to_thread", "copied", "copied_in_loop")
    mark = f"  {MARK}CTX301" if asks and how in ("submit", "map", "run_in_executor") else ""
    given = {
        "submit": [f"_POOL.submit(store_{label}, item){mark}"],
        "map": [f"print(list(_POOL.map(store_{label}, [item]))){mark}"],
        "run_in_executor": [
            "loop = asyncio.get_running_loop()",
            f"await loop.run_in_executor(_POOL, store_{label}, item){mark}",
        ],
        "to_thread": [f"await asyncio.to_thread(store_{label}, item)"],
        "copied": [f"_POOL.submit(contextvars.copy_context().run, store_{label}, item)"],
        "copied_in_loop": [
            "context = contextvars.copy_context()",
            "loop = asyncio.get_running_loop()",
            f"await loop.run_in_executor(_POOL, context.run, store_{label}, item)",
        ],
    }[how]
    cell = Cell(label, sight="gone")
    carried = how in ("to_thread", "copied", "copied_in_loop")
    cell.items = "user" if carried else "any" if asks else "gone"
    told = f'probe.handled("{label}", item{", USER.get()" if asks else ""})'
    cell.modules[f"{label}_pool"] = [
        "from concurrent.futures import ThreadPoolExecutor",
        "",
        "_POOL = ThreadPoolExecutor(max_workers=1)",
        "",
        "",
        f"def store_{label}(item):",
        f"    {told}",
        "",
        "",
        f"async def submit_{label}(item):",
        *indented(given),
    ]
    cell.takes = f"from .{label}_pool import submit_{label}"
    cell.call = f"submit_{label}(item)"
    return cell


def threaded(pick: Pick, label: str) -> Cell:
    """A loop that a thread of a pool runs: with its caller's context only by to_thread."""
    fate = pick("leak", "detached", "pool", "loop", "finite")
    ground = Ground(method=False, thread=True, label=label)
    work = finite(pick, ground) if fate == "finite" else endless(pick, ground)
    if fate in ("pool", "loop"):  # nobody is asked for: nothing is lost
        work = type(work)(tuple(row.replace(", USER.get()", "") for row in work.body), tuple(
            row.replace(", USER.get()", "") for row in work.beside), work.state)  # fmt: skip
    mark = f"  {MARK}CTX101" if fate == "leak" else ""
    context = ", context=contextvars.Context()" if fate == "detached" else ""
    start = {
        "pool": f"_kept = _POOL.submit(run_{label})",
        "loop": f"_kept = asyncio.get_running_loop().run_in_executor(_POOL, run_{label})",
    }.get(fate, f"_kept = asyncio.create_task(asyncio.to_thread(run_{label}){context}){mark}")
    cell = Cell(label, coroutine=False)
    cell.sight = {"leak": "user", "detached": "nobody", "finite": "gone"}.get(fate, "whoever")  # type: ignore[assignment]
    shared = [f"{each} = {value}" for each, value in work.state]
    cell.modules[f"{label}_pool"] = [
        "from concurrent.futures import ThreadPoolExecutor",
        "",
        "_POOL = ThreadPoolExecutor(max_workers=1)",
        "_kept = None",
        *shared,
        "",
        "",
        ground.head(f"run_{label}"),
        *indented(work.body),
        *(["", "", *work.beside] if work.beside else []),
        "",
        "",
        f"def submit_{label}(item):",
        *indented(["global _kept", "len(item)", "if _kept is None:", f"    {start}"]),
    ]
    cell.takes = f"from .{label}_pool import submit_{label}"
    cell.call = f"submit_{label}(item)"
    return cell


def group(pick: Pick, label: str) -> Cell:
    """A task group: of the whole program, or of one request."""
    library = pick("asyncio", "anyio")
    fate = pick("leak", "leak", "finite", "bounded", "startup")
    ground = Ground(method=False, thread=False, label=label)
    work = finite(pick, ground) if fate == "finite" else endless(pick, ground)
    mark = f"  {MARK}CTX101" if fate == "leak" else ""
    made = "asyncio.TaskGroup()" if library == "asyncio" else "anyio.create_task_group()"
    if library == "asyncio":
        start, cancel = f"group.create_task(run_{label}())", "one.cancel()"
        if fate == "bounded":
            start = f"one = {start}"
    else:
        start, cancel = f"group.start_soon(run_{label})", "group.cancel_scope.cancel()"
    if fate == "bounded":
        submit = [f"async with {made} as group:", f"    {start}", *indented([_PAUSE, cancel])]
    elif fate == "startup":
        submit = ["print(item)"]
    else:
        submit = ["group = _GROUPS[0]" if pick(True, False) else "group = _group", start + mark]
    if fate == "finite" and pick(True, False):
        submit = [f"async with {made} as group:", f"    {start}"]
    begin = [
        "global _group",
        f"_group = await _STACK.enter_async_context({made})",
        "_GROUPS.append(_group)",
        *(["group = _group", start] if fate == "startup" else []),
    ]
    cell = Cell(label)
    cell.sight = {"leak": "user", "startup": "nobody"}.get(fate, "gone")  # type: ignore[assignment]
    shared = [f"{each} = {value}" for each, value in work.state]
    cell.modules[f"{label}_group"] = [
        "import anyio",
        "",
        "_STACK = contextlib.AsyncExitStack()",
        "_GROUPS = []",
        "_group = None",
        *shared,
        "",
        "",
        ground.head(f"run_{label}"),
        *indented(work.body),
        *(["", "", *work.beside] if work.beside else []),
        "",
        "",
        f"async def begin_{label}():",
        *indented(begin),
        "",
        "",
        f"async def submit_{label}(item):",
        *indented(["len(item)", *submit]),
    ]
    cell.takes = f"from .{label}_group import begin_{label}, submit_{label}"
    cell.call, cell.begin = f"submit_{label}(item)", f"begin_{label}()"
    return cell


_PAUSE = "await asyncio.sleep(0.002)"
