"""Answers as Prometheus gives them, served over HTTP by a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from chimera.bench.numenta.normal import healthy

BEGAN = 1_700_000_000
STEP = 15


def answer(series: int, points: int) -> bytes:
    """A range query's answer: labels as services have them, values as strings."""
    values = healthy(series, points, float(STEP), 9)
    times = [BEGAN + STEP * n for n in range(points)]
    result = [
        {
            "metric": {
                "__name__": "http_requests_in_flight",
                "instance": f"10.0.{n // 250}.{n % 250}:8080",
                "job": "shop",
                "namespace": "production",
                "pod": f"shop-{n:05d}",
            },
            "values": [[t, f"{v:.10g}"] for t, v in zip(times, row, strict=True)],
        }
        for n, row in enumerate(values.tolist())
    ]
    body = {"status": "success", "data": {"resultType": "matrix", "result": result}}
    return orjson.dumps(body)


@contextmanager
def served(body: bytes) -> Iterator[str]:
    """The address of a server that answers every question with these bytes."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "answer.json"
        file.write_bytes(body)
        asked = [sys.executable, "-m", __name__, str(file)]
        with subprocess.Popen(asked, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                yield f"http://127.0.0.1:{int(process.stdout.readline())}"
            finally:
                process.kill()


def serve(file: Path) -> None:
    """Answer on a free port, which is printed."""
    body = file.read_bytes()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
