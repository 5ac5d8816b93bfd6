"""Whether a page of ours asks: a browser sends its cookies for others' pages too."""

from http import HTTPStatus
from urllib.parse import urlsplit

from program.web import JSON, AnyRequest, Turned

READING = ("GET", "HEAD", "OPTIONS")


def check(request: AnyRequest, address: str | None, *, origin_needed: bool) -> None:
    """Of a request that changes something: it comes from a page of head office's own, and is JSON if it says anything.

    `address`: head office's own, where the configuration names it. Raises Turned.
    """
    origin = request.headers.get("origin")
    if (origin is None and origin_needed) or (
        origin is not None and not _ours(request, origin, address)
    ):
        raise Turned(
            HTTPStatus.FORBIDDEN,
            "other-site",
            "Only head office's own pages change anything here; open it by its own address.",
        )
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON and _has_body(request):
        raise Turned(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not-json", "Send JSON, and say so.")


def _ours(request: AnyRequest, origin: str, address: str | None) -> bool:
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    if address is not None:
        return origin.lower() == address.lower()
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc == request.headers.get("host")


def _has_body(request: AnyRequest) -> bool:
    length = request.headers.get("content-length", "0")
    return length != "0" or "transfer-encoding" in request.headers
