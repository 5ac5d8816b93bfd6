"""The JSON body of a request, read as the shape that its route asks for and as nothing else."""

from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

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
        shape = field.annotation
        if b"null" in await self.body():
            said = _said_alone(said, shape)
        try:
            return msgspec.convert(said, shape, str_keys=True)
        except msgspec.ValidationError as error:
            message, _, path = str(error).partition(" - at `$.")
            key = path.rstrip("`") or "data"
            raise ValidationException(extra=[{"key": key, "message": message}]) from error


def _said_alone(said: Any, shape: Any) -> Any:
    """A null for what may be left out, and has no null of its own, is as good as left out; at any depth."""
    kinds = _kinds(shape)
    if isinstance(said, dict):
        known = {name: field for kind in kinds for name, field in _fields(kind).items()}
        return {
            key: _said_alone(value, known[key].type) if key in known else value
            for key, value in said.items()
            if value is not None or key not in known or not _may_go(known[key])
        }
    of = [get_args(kind)[0] for kind in kinds if get_origin(kind) is list]
    return [_said_alone(one, of[0]) for one in said] if of and isinstance(said, list) else said


def _kinds(shape: Any) -> list[Any]:
    """What may stand there: the parts of a union, without what is said about them beside."""
    if get_origin(shape) is Annotated:
        return _kinds(get_args(shape)[0])
    if get_origin(shape) in (Union, UnionType):
        return [kind for part in get_args(shape) for kind in _kinds(part)]
    return [shape]


def _fields(kind: Any) -> dict[str, msgspec.structs.FieldInfo]:
    is_struct = isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    return {one.encode_name: one for one in msgspec.structs.fields(kind)} if is_struct else {}


def _may_go(field: msgspec.structs.FieldInfo) -> bool:
    """It can be left out, and is never null."""
    return not field.required and NoneType not in _kinds(field.type)
