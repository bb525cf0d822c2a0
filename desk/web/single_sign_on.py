"""The browser's way to the provider of the single sign-on and back.

Away goes a page that leads on by itself: a redirect straight from a form would be stopped by the
content policy (`form-action 'self'`). Back comes the provider's redirect with `state`, which must
be the one in this browser's cookie, and works once.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from desk.accounts import service, sessions
from desk.accounts.models import SessionStage
from desk.accounts.single_sign_on import service as visits
from desk.accounts.single_sign_on.models import Purpose, SignOnTry
from desk.accounts.single_sign_on.policy import Person, person_of
from desk.accounts.single_sign_on.setup import SignOn
from desk.current import get_desk
from desk.errors import DeskError, NotFound, NotLoggedIn
from desk.locale import t
from desk.web.account import PATH as ACCOUNT
from desk.web.account import confirmed, problem_page
from desk.web.cookies import clear_visit, origin_of, session_token, set_visit, visit_token
from desk.web.login import HOME, after_login, check_tries, local_target, password_page
from desk.web.rendering import fill, login_frame

BACK = "/desk/login/sso/back"

router = APIRouter(include_in_schema=False)


@router.post("/desk/login/sso")
async def begin_login(request: Request, next: Annotated[str, Form()] = HOME) -> Response:
    """Lead to the provider to log in."""
    try:
        check_tries(request)
        return await lead_away(request, Purpose.LOGIN, target=local_target(next))
    except DeskError as problem:
        return _login_problem(next, problem)


@router.post(f"{ACCOUNT}/sso/link")
async def begin_link(request: Request, password: Annotated[str, Form()] = "") -> Response:
    """Lead to the provider to link one's account, after the password."""
    try:
        check_tries(request)
        await get_desk().database.look(confirmed, session_token(request), password)
        return await lead_away(request, Purpose.LINK, target=ACCOUNT)
    except DeskError as problem:
        return await problem_page(request, problem)


@router.post(f"{ACCOUNT}/sso/unlink")
async def unlink(request: Request, password: Annotated[str, Form()] = "") -> Response:
    """Take the link away, after the password."""

    def work(session: Session) -> None:
        staff = confirmed(session, session_token(request), password)
        visits.unlink(session, staff, _sign_on().provider.issuer)

    try:
        check_tries(request)
        await get_desk().database.run(work)
    except DeskError as problem:
        return await problem_page(request, problem)
    return RedirectResponse(f"{ACCOUNT}?done=unlinked", status_code=303)


@router.get(BACK)
async def come_back(
    request: Request,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
    iss: Annotated[str, Query(max_length=255)] = "",
) -> Response:
    """Take the provider's answer: log in, link, or confirm."""
    try:
        check_tries(request)
        sign_on = _sign_on()
        if not state or state != visit_token(request):
            raise NotLoggedIn("errors.sso_over")
        visit = await get_desk().database.run(visits.take, state)
    except DeskError as problem:
        return _over(request, HOME, problem)
    try:
        if iss and iss != sign_on.provider.issuer:
            raise NotLoggedIn("errors.sso_refused")
        if error or not code:
            raise NotLoggedIn("errors.sso_cancelled")
        claims = await sign_on.provider.claims(
            code, nonce=visit.nonce, verifier=visit.verifier, return_url=visit.return_url
        )
        person = person_of(claims, sign_on.policy)
    except DeskError as problem:
        return _over(request, visit.target, problem)
    return await _ANSWERS[Purpose(visit.purpose)](request, sign_on, visit, person)


async def lead_away(request: Request, purpose: Purpose, *, target: str) -> Response:
    """Return the page that leads to the provider, and bind the visit to this browser.

    Raises:
        NotFound: no single sign-on is set up.
        ProviderUnavailable, NotLoggedIn
    """
    sign_on, token = _sign_on(), session_token(request)
    return_url = sign_on.return_url or str(request.base_url.replace(path=BACK, query=""))

    def work(session: Session) -> visits.Visit:
        own = None if purpose == Purpose.LOGIN else service.staff_for_token(session, token)
        return visits.begin(session, purpose, return_url=return_url, target=target, staff=own)

    visit = await get_desk().database.run(work)
    url = await sign_on.provider.login_url(
        state=visit.state,
        nonce=visit.nonce,
        verifier=visit.verifier,
        return_url=return_url,
        is_fresh=purpose == Purpose.CONFIRM,
    )
    content = fill("login_away.html", url=url, link=t("login.sso_link"), lead=t("login.sso_lead"))
    response = login_frame(content, heading=t("login.sso_heading", name=button_name(sign_on)))
    set_visit(response, request, visit.state)
    return response


def button_name(sign_on: SignOn) -> str:
    """Return what the provider is called."""
    return sign_on.name or t("login.sso_name")


async def _logged_in(
    request: Request, sign_on: SignOn, visit: SignOnTry, person: Person
) -> Response:
    result = await get_desk().database.run(
        visits.log_in, sign_on.policy, sign_on.provider.issuer, person, origin=origin_of(request)
    )
    if result.error:
        return _over(request, visit.target, result.error)
    if result.stage == SessionStage.FULL:
        # The browser's session of before, somebody else's perhaps, is replaced and ended.
        await get_desk().database.run(service.log_out, session_token(request))
    response = after_login(request, result, visit.target)
    clear_visit(response, request)
    return response


async def _linked(request: Request, sign_on: SignOn, visit: SignOnTry, person: Person) -> Response:
    def work(session: Session) -> None:
        staff = service.staff_for_token(session, session_token(request))
        if staff.id != visit.staff_id:
            raise NotLoggedIn("errors.sso_over")
        visits.link(session, staff, sign_on.policy, sign_on.provider.issuer, person)

    try:
        await get_desk().database.run(work)
    except DeskError as problem:
        return await problem_page(request, problem)
    response = RedirectResponse(f"{ACCOUNT}?done=linked", status_code=303)
    clear_visit(response, request)
    return response


async def _confirmed(
    request: Request, sign_on: SignOn, visit: SignOnTry, person: Person
) -> Response:
    def work(session: Session) -> None:
        token = session_token(request)
        if sessions.session_for_token(session, token).staff_id != visit.staff_id:
            raise NotLoggedIn("errors.sso_over")
        visits.confirm(session, token, sign_on.provider.issuer, person)

    try:
        await get_desk().database.run(work)
    except DeskError as problem:
        return await problem_page(request, problem)
    response = RedirectResponse(local_target(visit.target), status_code=303)
    clear_visit(response, request)
    return response


_ANSWERS = {
    Purpose.LOGIN: _logged_in,
    Purpose.LINK: _linked,
    Purpose.CONFIRM: _confirmed,
}


def _sign_on() -> SignOn:
    sign_on = get_desk().sign_on
    if sign_on is None:
        raise NotFound("errors.sso_off")
    return sign_on


def _over(request: Request, target: str, problem: DeskError) -> Response:
    response = _login_problem(target, problem)
    clear_visit(response, request)
    return response


def _login_problem(target: str, problem: DeskError) -> Response:
    text = t(problem.key, **problem.details)
    return password_page(target, error=text, status=problem.status)
