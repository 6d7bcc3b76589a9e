"""Sockets that we listen on, and TLS towards clients."""

import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from facade.kernel import Finding, SettingsInvalid

BACKLOG: Final = 1024

_VERSIONS: Final = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """What TLS towards clients needs, PEM.

    Attributes:
        client_ca: with it a client must show a certificate that this authority signed.
        minimum: the oldest version that is spoken.
    """

    certificate: Path
    key: Path
    client_ca: Path | None = None
    minimum: Literal["TLSv1.2", "TLSv1.3"] = "TLSv1.2"


def listening(host: str, port: int, *, shared: bool) -> list[socket.socket]:
    """One socket for each address of the host; an empty host is every interface.

    Args:
        port: 0 takes a free one, the same for every address.
        shared: other processes may listen on the same port beside us (SO_REUSEPORT).

    Raises:
        OSError: an address that cannot be had; none is held then.
    """
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    made: list[socket.socket] = []
    try:
        for family, *_, address in dict.fromkeys(found):
            chosen = made[0].getsockname()[1] if made else port
            made.append(_listener(family, (address[0], chosen, *address[2:]), shared=shared))
    except OSError:
        _close(made)
        raise
    return made


def _listener(family: int, address: tuple[object, ...], *, shared: bool) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        made.listen(BACKLOG)
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made


def _close(sockets: Sequence[socket.socket]) -> None:
    for each in sockets:
        each.close()


def tls_towards_clients(files: TlsFiles) -> ssl.SSLContext:
    """A context for the server side. Loading its files again renews it for new connections.

    Raises:
        SettingsInvalid: a file that cannot be read, or that holds something else.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = _VERSIONS[files.minimum]
    context.set_alpn_protocols(["http/1.1"])
    load_certificate(context, files)
    if files.client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        try:
            context.load_verify_locations(cafile=files.client_ca)
        except (OSError, ssl.SSLError) as error:
            raise _unusable("client_ca_file", files.client_ca, error) from error
    return context


def load_certificate(context: ssl.SSLContext, files: TlsFiles) -> None:
    """Take certificate and key as they are on the disk now.

    Raises:
        SettingsInvalid: they cannot be read or do not belong together; the context keeps what it had.
    """
    try:
        context.load_cert_chain(files.certificate, files.key, password=_nobody_to_ask)
    except (OSError, ValueError) as error:
        raise _unusable("cert_file", files.certificate, error) from error


def _nobody_to_ask() -> str:
    """In place of a question on the terminal, which would hold the start."""
    raise ValueError("its key is encrypted")


def _unusable(key: str, path: Path, error: Exception) -> SettingsInvalid:
    reason = str(getattr(error, "reason", None) or getattr(error, "strerror", None) or error).replace("_", " ").lower()
    message = f"{path} cannot be used: {reason}; name a certificate and its key, PEM"
    return SettingsInvalid(
        message, findings=(Finding(code="settings.tls", place=f"listen.tls.{key}", message=message),)
    )
