"""A ticket office with one realistic bug: threads take bookings, the main thread confirms them, and no train is checked."""

import json
import os
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pricing import fare

bookings = queue.Queue()


class Office(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers.get("content-length", 0))
        bookings.put(json.loads(self.rfile.read(length)))
        self.send_response(202)
        self.end_headers()

    def log_message(self, *_):
        pass


def confirm(booking):
    return {"for": booking["email"], "price": fare(booking["train"], booking["seats"])}


def main():
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "0"))), Office)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"tickets listening on http://127.0.0.1:{server.server_port}", flush=True)
    while True:
        confirm(bookings.get())


main()
