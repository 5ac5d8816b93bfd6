"""The JSON body of a request, read as the shape that its route asks for and as nothing else."""

from typing import Any, get_args

import msgspec
from litestar import Request
from litestar.exceptions import ValidationException


class StrictRequest(Request[Any, Any, Any]):
    """For an application's `request_class`. By itself Litestar takes "5" for a number and "true" for a truth."""

    async def json(self) -> Any:
        """Raises ValidationException."""
        said = await super().json()
        field = self.route_handler.parsed_data_field
        if field is None:
            return said
        try:
            return msgspec.convert(
                _said_alone(said, field.annotation), field.annotation, str_keys=True
            )
        except msgspec.ValidationError as error:
            message, _, path = str(error).partition(" - at `$.")
            key = path.rstrip("`") or "data"
            raise ValidationException(extra=[{"key": key, "message": message}]) from error


def _said_alone(said: Any, shape: Any) -> Any:
    """A null for what may be left out, and has no null of its own, is as good as left out."""
    if not isinstance(said, dict) or None not in said.values():
        return said
    may_go = _without_null(shape)
    return {key: value for key, value in said.items() if value is not None or key not in may_go}


def _without_null(shape: Any) -> set[str]:
    """The keys that may be left out and are never null; of `shape`, a struct or None."""
    kinds = [one for one in (shape, *get_args(shape)) if isinstance(one, type)]
    return {
        one.encode_name
        for kind in kinds
        if issubclass(kind, msgspec.Struct)
        for one in msgspec.structs.fields(kind)
        if not one.required and type(None) not in get_args(one.type)
    }
