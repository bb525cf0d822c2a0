"""The help's pictures, for whoever is logged in."""

from fastapi import APIRouter
from fastapi.responses import Response

from desk.errors import NotFound
from desk.help.chapters import PICTURE_DIR, PICTURE_SUFFIX, picture_names
from desk.web.callers import AnyStaff

router = APIRouter(include_in_schema=False)


@router.get("/desk/help/pictures/{name}")
async def picture(name: str, _staff: AnyStaff) -> Response:
    """A picture of the help; the browser may keep it for a day.

    Raises:
        NotFound: the help shows no such picture.
    """
    stem = name.removesuffix(PICTURE_SUFFIX)
    path = PICTURE_DIR / f"{stem}{PICTURE_SUFFIX}"
    if stem not in picture_names() or not path.is_file():
        raise NotFound("errors.not_found")
    headers = {"Cache-Control": "private, max-age=86400"}
    return Response(path.read_bytes(), media_type="image/webp", headers=headers)
