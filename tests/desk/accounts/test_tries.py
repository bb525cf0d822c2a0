"""Failed logins bar the place they come from, and nobody else."""

from datetime import UTC, datetime, timedelta

from desk.accounts import service, tries
from desk.accounts.models import LoginTry
from desk.accounts.origin import Origin, browser_name

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PASSWORD = "correct-horse-2026"
OFFICE = Origin("192.0.2.10", "Firefox · Windows")
STRANGER = Origin("198.51.100.7")


def attempt(database, password, origin, *, now=NOW, login="xiaoli"):
    with database.transaction() as session:
        return service.log_in(session, login, password, origin=origin, now=now)


def fail(database, origin, times, **more):
    for _ in range(times):
        assert attempt(database, "wrong-password", origin, **more).error


def test_a_stranger_cannot_lock_the_owner_out(database, make):
    make.staff(login="xiaoli")
    fail(database, STRANGER, 8)
    assert attempt(database, PASSWORD, STRANGER).error
    assert attempt(database, PASSWORD, OFFICE).token


def test_addresses_of_one_ipv6_site_count_together(database, make):
    make.staff(login="xiaoli")
    for number in range(5):
        fail(database, Origin(f"2001:db8::{number}"), 1)
    assert attempt(database, PASSWORD, Origin("2001:db8::99")).error
    assert attempt(database, PASSWORD, Origin("2001:db8:0:1::99")).token


def test_guessing_from_many_addresses_leaves_known_devices_in(database, make):
    make.staff(login="xiaoli")
    device = attempt(database, PASSWORD, OFFICE).device
    for number in range(tries.STRANGERS_LIMIT):
        fail(database, Origin(f"198.51.{number}.1"), 1)
    assert attempt(database, PASSWORD, Origin("203.0.113.1")).error
    known = Origin("203.0.113.1", device=device)
    assert attempt(database, PASSWORD, known).token
    assert attempt(database, PASSWORD, Origin("203.0.113.1"), now=NOW + timedelta(minutes=15)).token


def test_a_known_device_is_barred_by_its_own_failures(database, make):
    make.staff(login="xiaoli")
    known = Origin("203.0.113.1", device=attempt(database, PASSWORD, OFFICE).device)
    fail(database, known, 5)
    assert attempt(database, PASSWORD, known).error
    assert attempt(database, PASSWORD, OFFICE).token


def test_another_accounts_device_is_a_stranger(database, make):
    make.staff(login="xiaoli")
    make.staff(login="xiaowang")
    device = attempt(database, PASSWORD, OFFICE, login="xiaowang").device
    fail(database, Origin(STRANGER.address, device=device), 5)
    assert attempt(database, PASSWORD, STRANGER).error


def test_what_is_stored_of_failures_names_nobody(database, make):
    make.staff(login="xiaoli")
    fail(database, STRANGER, 1)
    fail(database, STRANGER, 1, login="hunter2secret")
    with database.reading() as session:
        keys = [row.key for row in session.query(LoginTry)]
    assert len(keys) == 4
    assert not any(word in "".join(keys) for word in ("xiaoli", "hunter", "198.51"))


def test_old_counts_are_forgotten(database, make):
    make.staff(login="xiaoli")
    fail(database, STRANGER, 4)
    fail(database, STRANGER, 1, now=NOW + timedelta(hours=2))
    assert attempt(database, PASSWORD, STRANGER, now=NOW + timedelta(hours=2)).token
    with database.transaction() as session:
        assert tries.purge(session, NOW + timedelta(days=2)) == 1
        assert session.query(LoginTry).count() == 0


def test_browsers_have_names_for_people():
    agent = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/130.0"
    assert browser_name(agent) == "Firefox · Windows"
    assert browser_name("curl/8") is None
