"""Flask and WSGI: threads."""

import threading
import time

import click
from flask import Blueprint, Flask
from flask.views import MethodView


def loop(name: str) -> None:
    while True:
        time.sleep(len(name))


def create_app() -> Flask:
    """Start-up: nothing to report."""
    app = Flask(__name__)
    threading.Thread(target=loop, args=("factory",), daemon=True).start()
    app.register_blueprint(pages)
    return app


pages = Blueprint("pages", __name__)


@pages.route("/")
def index() -> str:
    threading.Thread(target=loop, args=("index",), daemon=True).start()  # error: CTX102
    return ""


@pages.get("/about")
def about() -> str:
    thread = threading.Thread(target=loop, args=("about",), daemon=True)  # error: CTX102
    thread.start()
    return ""


@pages.before_request
def count() -> None:
    threading.Thread(target=loop, args=("count",), daemon=True).start()  # error: CTX102


class Items(MethodView):
    def post(self) -> str:
        threading.Thread(target=loop, args=("items",), daemon=True).start()  # error: CTX102
        return ""


@pages.route("/mail")
def mail() -> str:
    """Finite: nothing to report."""
    threading.Thread(target=time.sleep, args=(1,)).start()
    return ""


@pages.route("/sum")
def total() -> str:
    """Joined: nothing to report."""
    thread = threading.Thread(target=loop, args=("sum",))
    thread.start()
    thread.join()
    return ""


@click.command()
def serve() -> None:
    """A command: nothing to report."""
    threading.Thread(target=loop, args=("serve",), daemon=True).start()
    create_app().run()


class Profiler:
    """A WSGI middleware."""

    def __init__(self, application) -> None:
        self.application = application

    def __call__(self, environ, start_response):
        threading.Thread(target=loop, args=("profile",), daemon=True).start()  # error: CTX102
        return self.application(environ, start_response)


application = Profiler(create_app())
threading.Thread(target=loop, args=("module",), daemon=True).start()
