"""The branch's web application: its routes and pages."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

from litestar import Litestar, Response, get
from litestar.di import Provide
from litestar.params import FromPath
from litestar.response import File

from edge_agent import (
    VERSION,
    appointment_routes,
    help_routes,
    identity_routes,
    kiosk_routes,
    live_routes,
    number_routes,
    opinion_routes,
)
from edge_agent.asking import bears_secret
from edge_agent.branch import Branch
from edge_agent.counter import routes as counter_routes
from edge_agent.desk import NotRecorded
from edge_agent.journal.entries import EntriesUnreadable
from program import address, openapi, web
from program.body import StrictRequest
from program.own_host import own_host_only
from program.web import AnyRequest, Turned

HERE = Path(__file__).parent
LARGEST_BODY = 64 * 1024  # bytes; the largest honest request is a device report of a few kB
PAGES = {"/counter": "counter", "/hall": "hall", "/t/{ticket:str}": "phone"}
FOLDERS = ("counter", "hall", "phone", "look")


def application(branch: Branch) -> Litestar:
    """Needs `branch.desk.run()` running beside it."""
    pages = [_page(path, folder) for path, folder in PAGES.items()]
    return web.Application(
        [
            *kiosk_routes.ROUTES,
            *appointment_routes.ROUTES,
            *help_routes.ROUTES,
            *identity_routes.ROUTES,
            *number_routes.ROUTES,
            *counter_routes.ROUTES,
            *live_routes.ROUTES,
            *opinion_routes.ROUTES,
            *pages,
            asset,
            web.shared_asset,
            openapi.openapi,
        ],
        dependencies={"branch": Provide(lambda: branch, sync_to_thread=False)},
        exception_handlers={
            **web.ERRORS,
            NotRecorded: _not_recorded,
            EntriesUnreadable: _unreadable,
        },
        middleware=own_host_only(
            address.parse(branch.settings.http.listen),
            branch.settings.http.public_url,
            "`public_url` in section [http] of branch.toml",
            unless=lambda request: bears_secret(request, branch),
        ),
        request_class=StrictRequest,
        request_max_body_size=LARGEST_BODY,
        openapi_config=openapi.openapi_config("Lobby edge agent", VERSION),
        logging_config=None,
    )


def _page(path: str, folder: str) -> Any:
    @get(path, name=f"page of {folder}", include_in_schema=False, sync_to_thread=False)
    def page() -> File:
        return web.page_file(HERE / folder / "page.html")

    return page


@get("/assets/{folder:str}/{name:str}", include_in_schema=False, sync_to_thread=False)
def asset(folder: FromPath[str], name: FromPath[str]) -> File:
    """Scripts and styles of the pages."""
    if folder not in FOLDERS or "/" in name:
        raise Turned(HTTPStatus.NOT_FOUND, "not-found", "There is nothing at this address.")
    return web.page_file(HERE / folder / name)


def _unreadable(_request: AnyRequest, error: EntriesUnreadable) -> Response[bytes]:
    return web.problem_response(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "entries-unreadable",
        f"These entries cannot be read ({error}). Verify the journal, and restore a backup.",
    )


def _not_recorded(_request: AnyRequest, error: NotRecorded) -> Response[bytes]:
    return web.problem_response(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "not-recorded",
        f"The branch could not record this, so nothing has changed ({error}). Try again.",
    )
