"""nginx and HAProxy as they stand before and behind a facade in the wild.

Both get a listening socket that is open already, so nothing has to wait for them and no port can be taken meanwhile.
"""

import asyncio
import shutil
import socket
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import Final

_NGINX = """\
daemon off;
worker_processes 1;
error_log {folder}/nginx-error.log crit;
pid {folder}/nginx-{port}.pid;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  scgi_temp_path {folder}/nginx-scgi;
  upstream next {{ server 127.0.0.1:{next}; keepalive 8; }}
  server {{
    listen 127.0.0.1:{port};
    underscores_in_headers on;
    ignore_invalid_headers off;
    client_header_timeout 2s;
    client_body_timeout 2s;
    location / {{
      proxy_pass http://next;
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
    }}
  }}
}}
"""

_HAPROXY = """\
global
  maxconn 512
defaults
  mode http
  timeout client 2s
  timeout server 5s
  timeout connect 1s
  http-reuse always
frontend in
  bind fd@{fd}
  default_backend out
backend out
  server next 127.0.0.1:{next}
"""


_PLACES: Final = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"
INSTALLED: Final = {name: path for name in ("nginx", "haproxy") if (path := shutil.which(name, path=_PLACES))}
"""Where each is; tests take those that are there, and CI installs both (Debian: nginx-light, haproxy)."""


@asynccontextmanager
async def nginx(next_port: int, folder: Path) -> AsyncGenerator[int]:
    """nginx in front of what listens on `next_port`, most lenient about header names; where it listens itself."""
    with _listening() as (sock, port):
        config = folder / f"nginx-{port}.conf"
        config.write_text(_NGINX.format(folder=folder, port=port, next=next_port))
        command = (INSTALLED["nginx"], "-p", str(folder), "-c", str(config))
        async with _process(command, sock, {"NGINX": f"{sock.fileno()};"}):
            yield port


@asynccontextmanager
async def haproxy(next_port: int, folder: Path) -> AsyncGenerator[int]:
    """HAProxy in front of what listens on `next_port`; where it listens itself."""
    with _listening() as (sock, port):
        config = folder / f"haproxy-{port}.cfg"
        config.write_text(_HAPROXY.format(fd=sock.fileno(), next=next_port))
        async with _process((INSTALLED["haproxy"], "-db", "-f", str(config)), sock, {}):
            yield port


def behind(name: str, next_port: int, folder: Path) -> AbstractAsyncContextManager[int]:
    """That server in front of `next_port`, or `nothing` at all."""
    if name == "nothing":
        return nullcontext(next_port)
    return {"nginx": nginx, "haproxy": haproxy}[name](next_port, folder)


@contextmanager
def _listening() -> Iterator[tuple[socket.socket, int]]:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as sock:
        sock.set_inheritable(True)
        yield sock, sock.getsockname()[1]


@asynccontextmanager
async def _process(command: Sequence[str], sock: socket.socket, environ: Mapping[str, str]) -> AsyncGenerator[None]:
    process = await asyncio.create_subprocess_exec(
        *command,
        pass_fds=(sock.fileno(),),
        env={"PATH": "/usr/sbin:/usr/bin", **environ},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()
