"""The links between the pages of supervision."""

from desk.console.elements import box, words
from desk.locale import t

TABS = (("board", "/desk/live"), ("trends", "/desk/live/trends"), ("groups", "/desk/groups"))


def live_tabs(active: str) -> None:
    """Add the links; `active` is the open page's name."""
    with box("k-live-tabs", tag="nav"):
        for name, path in TABS:
            link = words(t(f"live.tab_{name}"), tag="a").props(f"href={path}")
            if name == active:
                link.props("aria-current=page")
