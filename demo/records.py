"""The bank's record of its customers' pictures, as the demo has it: one picture, for one card."""

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from devices.bank_card import pseudonym


def serve(port: int, number: str, key: str, picture: bytes) -> ThreadingHTTPServer:
    """GET /pictures/PSEUDONYM: this picture for the owner of the card with this number, 404 for anybody else."""
    path = f"/pictures/{pseudonym(number, key.encode())}"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != path:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(picture)))
            self.end_headers()
            self.wfile.write(picture)

        def log_message(self, *_: object) -> None:
            """Who asked for whose picture stands in no log."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
