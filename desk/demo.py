"""Demo data: what a new installation shows before it has data of its own."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import create_staff
from desk.catalog.columns import TABLES
from desk.catalog.importer import import_file
from desk.catalog.models import Home
from desk.clock import utc_now
from desk.routing.models import GroupMember, StaffGroup
from desk.settings import PROJECT_DIR

DEMO_DIR = PROJECT_DIR / "data" / "demo"
DEMO_PASSWORD = "kefu-demo-2026"


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """A demo account; the password is `DEMO_PASSWORD`."""

    login: str
    display_name: str
    role: Role
    department: str | None = None


@dataclass(frozen=True, slots=True)
class DemoGroup:
    """A demo group of staff."""

    name: str
    topics: tuple[str, ...]
    members: tuple[str, ...] = ("xiaoli", "xiaowang")


DEMO_GROUPS = (
    DemoGroup("售前", ("ask_price", "ask_discount", "ask_viewing", "ask_layout", "ask_product")),
    DemoGroup("物业", ("request_repair", "ask_property_fee", "ask_parking", "property_service")),
    DemoGroup("售后", ("ask_order_status", "change_order", "order_delivery", "product_quality")),
    DemoGroup("投诉", ("file_complaint", "staff_attitude", "safety", "urgent")),
)

DEMO_LOGINS = (
    DemoLogin("xiaoli", "小李", Role.AGENT),
    DemoLogin("xiaowang", "小王", Role.AGENT),
    DemoLogin("zhijian", "质检小周", Role.QA),
    DemoLogin("zhuguan", "主管陈静", Role.SUPERVISOR),
    DemoLogin("zhiban", "周敏", Role.MANAGER),
    DemoLogin("fuzong", "林涛", Role.DIRECTOR),
    DemoLogin("gongcheng", "工程部老赵", Role.DEPARTMENT, "engineering"),
    DemoLogin("admin", "管理员", Role.ADMIN),
)


def is_empty(session: Session) -> bool:
    """Tell whether there are neither staff nor homes yet."""
    return not session.scalar(select(func.count(Staff.id))) and not session.scalar(
        select(func.count(Home.id))
    )


def load_demo(session: Session) -> None:
    """Load the demo catalogue; create the demo accounts that are missing, and groups if there are
    none."""
    for kind in TABLES:
        import_file(session, DEMO_DIR / f"{kind}.csv", kind)
    present = set(session.scalars(select(Staff.login)))
    for demo in DEMO_LOGINS:
        if demo.login not in present:
            create_staff(
                session,
                login=demo.login,
                display_name=demo.display_name,
                role=demo.role,
                password=DEMO_PASSWORD,
                department=demo.department,
            )
    _load_groups(session)


def _load_groups(session: Session) -> None:
    if session.scalar(select(func.count(StaffGroup.id))):
        return
    ids = {row.login: row.id for row in session.execute(select(Staff.id, Staff.login))}
    for position, demo in enumerate(DEMO_GROUPS, start=1):
        group = StaffGroup(
            name=demo.name, topics=list(demo.topics), position=position, created_at=utc_now()
        )
        session.add(group)
        session.flush()
        session.add_all(
            GroupMember(group_id=group.id, staff_id=ids[login]) for login in demo.members
        )
