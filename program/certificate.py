"""Who we are to a broker with TLS: our certificate, its key, and the authority that signs the broker's."""

import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from program.broker import Broker
from program.settings_file import SettingsError


class CertificateUnusable(Exception):
    """Names the key of section [broker], the file, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """`ends_at` is None where we show none."""

    context: ssl.SSLContext
    ends_at: datetime | None


def load(broker: Broker, now: datetime) -> Certificate:
    """Read the files. Raises CertificateUnusable."""
    context = _trusting(broker.ca)
    if broker.cert is None or broker.key is None:
        return Certificate(context, None)
    ours = _first("cert", broker.cert)
    starts_at, ends_at = ours.not_valid_before_utc, ours.not_valid_after_utc
    _show(context, broker.cert, broker.key)
    if now >= ends_at:
        raise CertificateUnusable(f"key 'cert': {broker.cert} ran out on {_day(ends_at)}")
    if now < starts_at:
        raise CertificateUnusable(f"key 'cert': {broker.cert} is valid only from {_day(starts_at)}")
    return Certificate(context, ends_at)


def check(broker: Broker, now: datetime) -> None:
    """Whether its files can be used. Raises SettingsError."""
    if not any(address.tls for address in broker.addresses()):
        return
    try:
        load(broker, now)
    except CertificateUnusable as error:
        raise SettingsError(f"section [broker]: {error}") from error


def _trusting(ca: str | None) -> ssl.SSLContext:
    """Without a file of our own, the machine's authorities."""
    if ca is None:
        return ssl.create_default_context()
    _first("ca", ca)
    return ssl.create_default_context(cafile=ca)


def _show(context: ssl.SSLContext, cert: str, key: str) -> None:
    _read("key", key)
    try:
        context.load_cert_chain(cert, key, password=_no_password)
    except ssl.SSLError as error:
        wrong = (
            "belongs to another certificate than" if "MISMATCH" in str(error) else "is no key for"
        )
        raise CertificateUnusable(
            f"key 'key': {key} {wrong} {cert}; expected its private key as PEM, without a password"
        ) from error


def _first(key: str, path: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(_read(key, path))[0]
    except ValueError as error:
        raise CertificateUnusable(f"key '{key}': {path} holds no certificate as PEM") from error


def _read(key: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise CertificateUnusable(
            f"key '{key}': {path} cannot be read ({error.strerror})"
        ) from error


def _no_password() -> str:
    """OpenSSL would ask for one at the terminal."""
    return ""


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
