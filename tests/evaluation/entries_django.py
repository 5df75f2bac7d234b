"""Django: views, middleware, REST views; AppConfig.ready and management commands."""

import threading
import time

from django.apps import AppConfig
from django.core.management.base import BaseCommand
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views import View
from rest_framework.decorators import api_view
from rest_framework.views import APIView


def loop() -> None:
    while True:
        time.sleep(1)


def index(request: HttpRequest) -> HttpResponse:
    threading.Thread(target=loop, daemon=True).start()  # error: CTX102
    return HttpResponse()


def about(request):
    threading.Thread(target=loop, daemon=True).start()  # error: CTX102
    return HttpResponse()


class Items(View):
    def get(self, request) -> HttpResponse:
        threading.Thread(target=loop, daemon=True).start()  # error: CTX102
        return HttpResponse()


class Users(APIView):
    def post(self, request) -> HttpResponse:
        threading.Thread(target=loop, daemon=True).start()  # error: CTX102
        return HttpResponse()


@api_view(["GET"])
def rates(request):
    threading.Thread(target=loop, daemon=True).start()  # error: CTX102
    return HttpResponse()


class Counting:
    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request) -> HttpResponse:
        threading.Thread(target=loop, daemon=True).start()  # error: CTX102
        return self.get_response(request)


class Shop(AppConfig):
    """Start-up: nothing to report."""

    name = "shop"

    def ready(self) -> None:
        threading.Thread(target=loop, daemon=True).start()


class Command(BaseCommand):
    """A command: nothing to report."""

    def handle(self, *args: object, **options: object) -> None:
        threading.Thread(target=loop, daemon=True).start()


def mail(request: HttpRequest) -> HttpResponse:
    """Finite: nothing to report."""
    threading.Thread(target=time.sleep, args=(1,)).start()
    return HttpResponse()


urlpatterns = [
    path("", index),
    path("about", about),
    path("items", Items.as_view()),
    path("users", Users.as_view()),
    path("rates", rates),
    path("mail", mail),
]
