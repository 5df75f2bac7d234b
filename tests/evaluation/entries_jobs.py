"""Celery, Dramatiq, RQ, FastStream: each job is a request."""

import threading
import time

import dramatiq
from celery import Celery, shared_task
from celery.signals import worker_process_init
from faststream import FastStream
from faststream.rabbit import RabbitBroker
from rq.decorators import job

app = Celery("jobs")
broker = RabbitBroker()
stream = FastStream(broker)


def loop() -> None:
    while True:
        time.sleep(1)


@app.task
def resize() -> None:
    threading.Thread(target=loop, daemon=True).start()  # error: CTX102


@app.task(bind=True)
def mail(self) -> None:
    threading.Thread(target=loop, daemon=True).start()  # error: CTX102


@shared_task
def index() -> None:
    threading.Thread(target=loop, daemon=True).start()  # error: CTX102


@dramatiq.actor
def render() -> None:
    threading.Thread(target=loop, daemon=True).start()  # error: CTX102


@job("low")
def count() -> None:
    threading.Thread(target=loop, daemon=True).start()  # error: CTX102


@broker.subscriber("orders")
def order(body: str) -> None:
    threading.Thread(target=loop, daemon=True).start()  # error: CTX102


@app.task
def measured() -> None:
    """Joined: nothing to report."""
    thread = threading.Thread(target=loop)
    thread.start()
    thread.join()


@worker_process_init.connect
def start_worker(**_: object) -> None:
    """Start-up: nothing to report."""
    threading.Thread(target=loop, daemon=True).start()


@stream.on_startup
def start_stream() -> None:
    """Start-up: nothing to report."""
    threading.Thread(target=loop, daemon=True).start()


@stream.after_startup
def after_start() -> None:
    """Start-up: nothing to report."""
    threading.Thread(target=loop, daemon=True).start()
