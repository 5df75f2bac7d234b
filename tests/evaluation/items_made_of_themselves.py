"""Items that are made of items, deeply, of names that are bound to what is made of themselves."""

import asyncio


def cleaned(text):
    text = text.strip()
    text = text or "nothing"
    return text


class Word:
    def __init__(self, text):
        self.text = cleaned(text)


class Line:
    def __init__(self, text):
        self.word = Word(text)


class Page:
    def __init__(self, text):
        self.line = Line(text)


class Book:
    def __init__(self, text):
        self.page = Page(text)


class Shelf:
    def __init__(self, text):
        self.book = Book(text)


class Uploads:
    def __init__(self):
        self.queue = asyncio.Queue()
        self.worker = None

    async def upload(self, text):
        if self.worker is None:
            self.worker = asyncio.create_task(self.run())  # error: CTX101
        self.queue.put_nowait(Word(text))  # error: CTX201
        self.queue.put_nowait(Line(text))  # error: CTX201
        self.queue.put_nowait(Page(text))  # error: CTX201
        self.queue.put_nowait(Book(text))  # error: CTX201
        self.queue.put_nowait(Shelf(text))  # error: CTX201

    async def run(self):
        while True:
            item = await self.queue.get()
            await send(item)


async def send(item):
    print(item)
