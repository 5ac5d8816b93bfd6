"""Answers that are long: compressed for who takes that, and made piece by piece."""

import zlib
from collections.abc import Iterator

from litestar.config.compression import CompressionConfig
from litestar.response import Stream

from program.web import AnyRequest

GZIP_LEVEL = 6
COMPRESSED = CompressionConfig("gzip", gzip_compress_level=GZIP_LEVEL, exclude_opt_key="as_it_is")


def in_pieces(request: AnyRequest, pieces: Iterator[bytes], media_type: str) -> Stream:
    """A long answer: each piece is made, and compressed for who takes that, in a thread when the one before is on its
    way. For a route that is AS_IT_IS."""
    headers = {"Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        pieces = _gzipped(pieces)
    return Stream(pieces, media_type=media_type, headers=headers)


def _gzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(GZIP_LEVEL, wbits=16 + zlib.MAX_WBITS)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()
