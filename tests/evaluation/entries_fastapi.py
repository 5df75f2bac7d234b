"""FastAPI: routes, routers, dependencies, middleware, web sockets; lifespan and start-up events."""

import asyncio
from contextlib import asynccontextmanager

from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, WebSocket


async def loop(name: str) -> None:
    while True:
        await asyncio.sleep(len(name))


@asynccontextmanager
async def lifespan(app: FastAPI):
    task = asyncio.create_task(loop("lifespan"))
    yield
    task.cancel()


app = FastAPI(lifespan=lifespan)
router = APIRouter(prefix="/items")


@app.on_event("startup")
async def start_up() -> None:
    app.state.refresher = asyncio.create_task(loop("startup"))


@app.on_event("shutdown")
async def shut_down() -> None:
    app.state.refresher.cancel()


@app.get("/")
async def index() -> dict[str, str]:
    app.state.task = asyncio.create_task(loop("index"))  # error: CTX101
    return {}


@router.post("/{name}")
async def create(name: str) -> dict[str, str]:
    app.state.creator = asyncio.create_task(loop(name))  # error: CTX101
    return {}


@app.websocket("/ws")
async def chat(socket: WebSocket) -> None:
    await socket.accept()
    pinger = asyncio.create_task(loop("ping"))
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    finally:
        pinger.cancel()


@app.websocket("/feed")
async def feed(socket: WebSocket) -> None:
    await socket.accept()
    app.state.feeder = asyncio.create_task(loop("feed"))  # error: CTX101


@app.middleware("http")
async def count(request, call_next):
    app.state.counter = asyncio.create_task(loop("count"))  # error: CTX101
    return await call_next(request)


async def session() -> str:
    app.state.session = asyncio.create_task(loop("session"))  # error: CTX101
    return "session"


@app.get("/session")
async def read_session(current: str = Depends(session)) -> str:
    return current


@app.post("/mail")
async def mail(background: BackgroundTasks) -> None:
    """Finite work after the response: nothing to report."""
    background.add_task(asyncio.sleep, 1)
    asyncio.create_task(asyncio.sleep(1))


app.include_router(router)
