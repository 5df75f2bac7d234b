"""What is known of other people's functions: one declarative table.

Supporting a library is a new row here; users add rows in ``[tool.ctxlint]`` and those end up in
the same `Table`.  Names are canonical dotted names (see `ALIASES`); a method is written
``type.method``.  The facts about Python are those of the design's section 3, executed on 3.9-3.13.
"""

from __future__ import annotations

from .contexts import (
    CAPTURES as CAPTURES,
    CARRYING_DECORATORS as CARRYING_DECORATORS,
    CONTEXT as CONTEXT,
    CONTEXT_COPY as CONTEXT_COPY,
    CONTEXT_MAKERS as CONTEXT_MAKERS,
    CONTEXT_OBJECTS as CONTEXT_OBJECTS,
    CONTEXT_READERS as CONTEXT_READERS,
    CONTEXT_RUN as CONTEXT_RUN,
    CONTEXT_USE_BY_METHOD as CONTEXT_USE_BY_METHOD,
    CONTEXT_USE_BY_NAME as CONTEXT_USE_BY_NAME,
    CONTEXT_USES as CONTEXT_USES,
    CONTEXT_VARIABLE as CONTEXT_VARIABLE,
    CONTEXT_WORDS as CONTEXT_WORDS,
    ENVELOPE as ENVELOPE,
    INJECTORS as INJECTORS,
    REQUEST_OBJECTS as REQUEST_OBJECTS,
    SNAPSHOTS as SNAPSHOTS,
)
from .names import (
    ALIASES as ALIASES,
    FIELDS as FIELDS,
    PAIRS as PAIRS,
    PARTS as PARTS,
    RESULTS as RESULTS,
    canonical as canonical,
)
from .queues import (
    QUEUES as QUEUES,
)
from .requests import (
    ASGI_PARAMETERS as ASGI_PARAMETERS,
    JOB_ATTRIBUTES as JOB_ATTRIBUTES,
    OWN_CONTEXT_FRAMEWORKS as OWN_CONTEXT_FRAMEWORKS,
    REQUEST_BASES as REQUEST_BASES,
    REQUEST_DECORATORS as REQUEST_DECORATORS,
    REQUEST_REGISTRATIONS as REQUEST_REGISTRATIONS,
    REQUEST_TYPES as REQUEST_TYPES,
    WSGI_PARAMETERS as WSGI_PARAMETERS,
)
from .rows import (
    ContextSetter as ContextSetter,
    ContextUse as ContextUse,
    EntryBase as EntryBase,
    EntryDecorator as EntryDecorator,
    Kind as Kind,
    QueueType as QueueType,
    Registration as Registration,
    Spawner as Spawner,
    ThreadCarrier as ThreadCarrier,
)
from .running import (
    DETACHING as DETACHING,
    OWN_LOOP_RUNNERS as OWN_LOOP_RUNNERS,
    PROCESS_POOLS as PROCESS_POOLS,
    RUNNERS as RUNNERS,
    RUNNING_TYPES as RUNNING_TYPES,
    SPAWNERS as SPAWNERS,
    STACK_ENTRIES as STACK_ENTRIES,
    THREAD_CARRIERS as THREAD_CARRIERS,
    THREAD_INSTRUMENTORS as THREAD_INSTRUMENTORS,
    THREAD_POOLS as THREAD_POOLS,
    THREAD_RUNNERS as THREAD_RUNNERS,
)
from .setting import (
    CONTEXT_SETTERS as CONTEXT_SETTERS,
    PURE_MODULES as PURE_MODULES,
    SPAN_MAKERS as SPAN_MAKERS,
    SURE_CALLS as SURE_CALLS,
    SURE_HOMES as SURE_HOMES,
)
from .startup import (
    DEMO_PATH_PARTS as DEMO_PATH_PARTS,
    STARTUP_ATTRIBUTES as STARTUP_ATTRIBUTES,
    STARTUP_BASES as STARTUP_BASES,
    STARTUP_DECORATORS as STARTUP_DECORATORS,
    STARTUP_NAMES as STARTUP_NAMES,
    STARTUP_REGISTRATIONS as STARTUP_REGISTRATIONS,
    TEST_PATH_PARTS as TEST_PATH_PARTS,
    TEST_SUPPORT_PARTS as TEST_SUPPORT_PARTS,
)
from .tables import (
    Table as Table,
    table as table,
)
from .waiting import (
    ENDLESS as ENDLESS,
    ENDLESS_METHODS as ENDLESS_METHODS,
    LOCKS as LOCKS,
    RECEIVERS as RECEIVERS,
    SUBSCRIPTIONS as SUBSCRIPTIONS,
    TIME_LIMITED as TIME_LIMITED,
)
