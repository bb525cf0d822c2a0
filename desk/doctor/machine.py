"""The machine: disk, memory, ports, and the files that only kefu may read."""

import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil

from desk.doctor.findings import Finding, fine, warning, wrong
from desk.processes import port_is_free
from desk.settings import Settings

GIB = 1024**3
LITTLE_DISK_B, NO_DISK_B = 2 * GIB, GIB // 5
NEEDED_MEMORY_B = 2 * GIB
PROBE_S = 2.0


def examine_machine(settings: Settings) -> Iterator[Finding]:
    """Look at what the machine gives; nothing is changed."""
    yield _disk(settings.data_dir)
    yield _memory()
    yield _privacy(settings.data_dir)
    yield _desk(settings)
    yield _rasa(settings)


def _disk(folder: Path) -> Finding:
    existing = next(one for one in (folder, *folder.parents) if one.exists())
    free_b = psutil.disk_usage(str(existing)).free
    free = f"{free_b / GIB:.1f} GiB"
    if free_b < NO_DISK_B:
        return wrong("disk", "full", free=free)
    return warning("disk", "low", free=free) if free_b < LITTLE_DISK_B else fine("disk", free=free)


def _memory() -> Finding:
    available_b = psutil.virtual_memory().available
    available = f"{available_b / GIB:.1f} GiB"
    if available_b < NEEDED_MEMORY_B:
        return warning("memory", "low", available=available)
    return fine("memory", available=available)


def _privacy(folder: Path) -> Finding:
    """Tell of files in the data folder that other users of the machine may read."""
    files = (path for path in folder.rglob("*") if path.is_file()) if folder.exists() else ()
    others = stat.S_IRWXG | stat.S_IRWXO
    exposed = [path for path in files if path.lstat().st_mode & others]
    if exposed:
        return warning("privacy", "exposed", n=len(exposed), file=exposed[0].relative_to(folder))
    return fine("privacy")


def _desk(settings: Settings) -> Finding:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    url = f"http://{host}:{settings.port}/health/ready"
    state = _json_of(url)
    if state.get("status") == "ok":
        return fine("desk", url=url)
    taken = [
        port
        for port in (settings.port, settings.action_port)
        if not port_is_free("127.0.0.1", port)
    ]
    if state:
        return wrong("desk", "ailing", url=url)
    return wrong("desk", "taken", port=taken[0]) if taken else warning("desk", "stopped")


def _rasa(settings: Settings) -> Finding:
    away = [
        url
        for url in settings.effective_rasa_urls
        if _json_of(f"{url.rstrip('/')}/webhooks/desk/").get("status") != "ok"
    ]
    if not away:
        return fine("rasa", n=len(settings.effective_rasa_urls))
    if not settings.rasa_urls and not port_is_free("127.0.0.1", settings.rasa_port):
        return wrong("rasa", "no_answer", url=away[0])
    return warning("rasa", "away", url=away[0])


def _json_of(url: str) -> dict[str, object]:
    """Return what an address of ours answers; {} if nobody of ours does."""
    try:
        answer = httpx.get(url, timeout=PROBE_S, trust_env=False).json()
    except (httpx.HTTPError, ValueError):
        return {}
    return answer if isinstance(answer, dict) else {}
