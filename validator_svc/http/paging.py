"""Pages of a list: `page` (from 1) by `per_page`."""

from typing import NamedTuple

from aiohttp import web

from validator_svc.http.route import QUERY


class Page(NamedTuple):
    """Which items of a list are asked for."""

    number: int
    per_page: int

    @property
    def offset(self) -> int:
        """How many items come before."""
        return (self.number - 1) * self.per_page


def asked_page(request: web.Request) -> Page:
    """The page that the query asks for. Raises ApiError 400."""
    query = request[QUERY]
    return Page(max(1, query.whole_number("page")), max(1, query.whole_number("per_page")))


def pagination(page: Page, total: int) -> dict[str, int]:
    """What is said of a list beside its items."""
    return {
        "total": total,
        "total_pages": -(-total // page.per_page),
        "current_page": page.number,
        "per_page": page.per_page,
    }
