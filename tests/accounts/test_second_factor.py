"""The second factor of a login: codes that work once, passkeys, recovery codes, and who must have one."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from marquee import settings as production
from marquee.accounts import rate_limits, second_factors
from marquee.accounts.authenticator_keys import seal, unseal
from marquee.accounts.errors import (
    AccountClosed,
    BadCredentials,
    NoSuchFactor,
    SecondFactorRequired,
    TooManyAttempts,
    TooManyCodes,
    WrongCode,
    WrongPassword,
)
from marquee.accounts.models import AccountEvent, AttemptCount, User
from marquee.accounts.operations import (
    add_authenticator,
    add_passkey,
    change_password_in_browser,
    check_code,
    delete_account,
    factor_checks,
    log_in,
    make_link,
    passkey_to_make,
    refresh,
    remove_factor,
    renew_recovery_codes,
    reset_password,
    reset_second_factor,
    set_password,
)
from marquee.accounts.permissions import Right, cinemas_of, may_enter_admin, may_sell_at_counter
from marquee.accounts.states import FactorKind, LinkPurpose, Role
from tests.accounts.factors import KEY, Passkey, code_of, recovery_codes, with_app, wrong_code
from tests.factories import make_show, make_staff, make_superuser, make_user

pytestmark = pytest.mark.django_db

PASSWORD, CLIENT = "correct horse battery", ["192.0.2.7"]
PROOF = {"password": PASSWORD, "networks": CLIENT}


@pytest.fixture
def anna():
    return make_staff(email="anna@example.com", password=PASSWORD)


def enter(user, code=None, password=PASSWORD):
    return log_in(email=user.email, password=password, networks=CLIENT, code=code)


def add_app(user, **fields):
    return add_authenticator(
        **PROOF | {"user": user, "key": KEY, "code": code_of(), "name": "Phone"} | fields
    )


def add_key(user, passkey):
    question, state = passkey_to_make(user=user, **PROOF)
    return add_passkey(user=user, state=state, answer=passkey.made(question), name="Laptop")


# --- Log in ---------------------------------------------------------------------------------------


def test_a_password_alone_is_not_enough(anna):
    with_app(anna)

    with pytest.raises(SecondFactorRequired, match="six digits of the authenticator app"):
        enter(anna)
    assert enter(anna, code_of())


def test_without_a_factor_a_code_is_not_looked_at(anna):
    assert enter(anna, "whatever")


def test_a_wrong_password_says_nothing_about_the_factor(anna):
    with_app(anna)

    with pytest.raises(BadCredentials):
        enter(anna, code_of(), password="wrong")


def test_a_code_works_once_and_may_have_spaces(anna):
    with_app(anna)
    code = code_of()
    check_code(user=anna, code=f" {code[:3]} {code[3:]}", networks=CLIENT)

    with pytest.raises(WrongCode):
        check_code(user=anna, code=code, networks=CLIENT)
    check_code(user=anna, code=code_of(steps=1), networks=CLIENT)
    with pytest.raises(WrongCode):  # an older one than the last that was used
        check_code(user=anna, code=code_of(steps=0), networks=CLIENT)


@pytest.mark.parametrize("typed", ["", "1", "١٢٣٤٥٦", "+12345", "1_2345", "\0", "a" * 40])
def test_what_is_no_code_is_wrong(anna, typed):
    with_app(anna)
    recovery_codes(anna)

    with pytest.raises(WrongCode):
        check_code(user=anna, code=typed, networks=CLIENT)


def test_codes_from_long_ago_and_of_later_are_wrong(anna):
    with_app(anna)

    for steps in (-3, 3):
        with pytest.raises(WrongCode):
            check_code(user=anna, code=code_of(steps=steps), networks=CLIENT)


def test_a_recovery_code_works_once_in_any_spelling_and_is_stored_as_a_hash(anna):
    with_app(anna)
    first, second, *_ = recovery_codes(anna)
    stored = set(StaticToken.objects.values_list("token", flat=True))
    assert len(stored) == 10
    assert not {first, first.replace("-", ""), first.upper()} & stored

    check_code(user=anna, code=first.upper().replace("-", " "), networks=CLIENT)
    with pytest.raises(WrongCode):
        check_code(user=anna, code=first, networks=CLIENT)
    check_code(user=anna, code=second, networks=CLIENT)
    assert second_factors.recovery_codes_left(anna) == 8


def test_a_stolen_database_computes_no_codes(anna, settings, caplog):
    with_app(anna)
    add_app(make_staff(password=PASSWORD))
    stored = list(TOTPDevice.objects.values_list("user", "key"))
    assert len({key for _, key in stored}) == 2
    assert not any(KEY in key for _, key in stored)
    assert {unseal(key, user_id=user) for user, key in stored} == {KEY}

    (app, theirs) = TOTPDevice.objects.order_by("pk")
    TOTPDevice.objects.filter(pk=app.pk).update(key=theirs.key)
    with pytest.raises(WrongCode):  # a key of somebody else's, in the row of this account
        check_code(user=anna, code=code_of(), networks=CLIENT)
    TOTPDevice.objects.filter(pk=app.pk).update(key=app.key)
    settings.SECOND_FACTOR_KEY = "another"
    caplog.clear()
    with pytest.raises(WrongCode):
        check_code(user=anna, code=code_of(), networks=CLIENT)
    assert "SECOND_FACTOR_KEY" in caplog.text
    settings.SECOND_FACTOR_KEY = production.SECRET_KEY
    check_code(user=anna, code=code_of(), networks=CLIENT)


def test_the_migration_seals_the_keys_of_before_and_goes_back(anna, settings):
    migration = import_module("marquee.accounts.migrations.0014_seal_authenticator_keys")
    device = TOTPDevice.objects.create(user=anna, name="Phone", key=KEY)

    for _ in range(2):  # a second time it changes nothing
        migration.seal_keys(apps, None)
    assert not TOTPDevice.objects.filter(key=KEY).exists()
    check_code(user=anna, code=code_of(), networks=CLIENT)

    settings.SECOND_FACTOR_KEY = "another"
    with pytest.raises(RuntimeError, match="SECOND_FACTOR_KEY"):
        migration.unseal_keys(apps, None)
    settings.SECOND_FACTOR_KEY = production.SECRET_KEY
    migration.unseal_keys(apps, None)
    device.refresh_from_db()
    assert device.key == KEY


def test_somebody_elses_code_is_wrong(anna):
    other = with_app(make_staff())
    theirs = recovery_codes(other)[0]
    TOTPDevice.objects.create(user=anna, name="Phone", key=seal(KEY[::-1], user_id=anna.pk))

    for code in (code_of(), theirs):
        with pytest.raises(WrongCode):
            check_code(user=anna, code=code, networks=CLIENT)


def guess(user, code=None, networks=CLIENT):
    with pytest.raises(WrongCode):
        check_code(user=user, code=code or wrong_code(), networks=networks)


@pytest.mark.parametrize("kind", ["app", "recovery"])
@pytest.mark.parametrize(
    ("setting", "seconds"), [("SECOND_FACTOR_LIMIT", 3600), ("SECOND_FACTOR_DAILY_LIMIT", 86_400)]
)
def test_wrong_codes_are_limited_and_right_ones_are_not_counted(
    anna, settings, setting, seconds, kind
):
    setattr(settings, setting, 2)
    with_app(anna)
    codes = recovery_codes(anna)
    for code in codes[:4]:
        check_code(user=anna, code=code, networks=CLIENT)
    right, other, wrong = code_of(), codes[5], wrong_code()
    if kind == "recovery":
        right, other, wrong = other, right, "aaaa-bbbb-cccc-dddd"
    for number in range(2):
        guess(anna, wrong, [f"198.51.100.{number}"])

    with pytest.raises(TooManyCodes) as refused:
        check_code(user=anna, code=right, networks=CLIENT)
    assert seconds - 60 < refused.value.facts["retry_after"] <= seconds
    check_code(user=anna, code=other, networks=CLIENT)  # counted apart


def pass_time(**which):
    AttemptCount.objects.filter(**which).update(expires_at=timezone.now() - timedelta(seconds=1))


def test_hour_after_hour_a_day_has_as_many_guesses_as_its_own_limit(anna, settings):
    settings.SECOND_FACTOR_LIMIT, settings.SECOND_FACTOR_DAILY_LIMIT = 2, 3
    with_app(anna)
    for _ in range(3):
        guess(anna)
        pass_time(key__startswith="code:")

    with pytest.raises(TooManyCodes):
        enter(anna, code_of())
    pass_time()
    assert enter(anna, code_of())


def test_several_wrong_codes_after_the_password_are_mailed_once_a_day(anna, caplog, monkeypatch):
    with_app(anna)
    warnings = AccountEvent.objects.filter(kind="wrong_codes")
    for _ in range(9):
        with pytest.raises(BadCredentials):
            enter(anna, wrong_code(), password="wrong")
    for _ in range(4):
        guess(anna)
    assert enter(anna, code_of())
    assert not warnings.exists()
    with monkeypatch.context() as broken:
        broken.setattr(factor_checks, "record_event", lambda **_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            check_code(user=anna, code=wrong_code(), networks=CLIENT)

    for _ in range(3):  # what rolls back is made good by the next one
        guess(anna)

    event = warnings.get()
    assert (event.user, event.actor, event.by, event.email) == (anna, None, "customer", "")
    (line,) = [one.getMessage() for one in caplog.records if "wrong codes" in one.getMessage()]
    assert f"Account {anna.pk}:" in line
    assert not {anna.email, anna.name, wrong_code()} & set(line.split())
    pass_time()
    for _ in range(6):
        guess(anna)
    assert warnings.count() == 2


FORGETS = {
    "a new password of who is logged in": lambda anna: change_password_in_browser(
        user=anna, old=PASSWORD, new="another horse battery", networks=CLIENT
    ),
    "a new password in the back office": lambda anna: set_password(
        user=anna, password="another horse battery", staff=make_superuser()
    ),
    "a reset of the factor": lambda anna: reset_second_factor(user=anna),
}


@pytest.mark.parametrize("change", FORGETS.values(), ids=FORGETS.keys())
def test_wrong_codes_are_forgotten_by(anna, settings, change):
    settings.SECOND_FACTOR_LIMIT = settings.SECOND_FACTOR_DAILY_LIMIT = 1
    with_app(anna)
    guess(anna)
    guess(anna, "recovery")
    change(anna)

    guess(anna, "recovery")
    if second_factors.has_factor(anna.pk):
        check_code(user=anna, code=code_of(), networks=CLIENT)
    else:
        add_app(User.objects.get(pk=anna.pk))


def test_whoever_reads_the_owners_mail_gets_no_more_guesses(anna, settings):
    settings.SECOND_FACTOR_DAILY_LIMIT = 1
    with_app(anna)
    guess(anna)
    token = make_link(user=anna, purpose=LinkPurpose.RESET, email=anna.email)
    reset_password(token=token, password="another horse battery")

    with pytest.raises(TooManyCodes):
        enter(anna, code_of(), password="another horse battery")


def test_wrong_codes_are_limited_by_client(anna, settings):
    settings.SECOND_FACTOR_LIMIT = 1
    for _ in range(rate_limits.SESSIONS_PER_CLIENT):
        with pytest.raises(WrongCode):
            check_code(user=make_user(), code="000000", networks=CLIENT)

    with pytest.raises(TooManyAttempts):
        check_code(user=with_app(anna), code=code_of(), networks=CLIENT)


# --- Add and remove -------------------------------------------------------------------------------


def test_the_first_factor_brings_recovery_codes_and_ends_all_other_logins(anna):
    before, proof = enter(anna), code_of()
    codes = add_app(anna, code=proof)

    assert len(set(codes)) == 10
    with pytest.raises(BadCredentials):
        refresh(token=before.refresh, networks=CLIENT)
    event = AccountEvent.objects.get(user=anna)
    assert (event.kind, event.reason, event.by) == (
        "factor_added",
        "Authenticator app: Phone",
        "customer",
    )
    with pytest.raises(WrongCode):  # the code that proved it is used
        check_code(user=anna, code=proof, networks=CLIENT)


def test_a_second_factor_more_changes_neither_codes_nor_logins(anna):
    add_app(anna)
    pair = enter(anna, code_of(steps=1))

    assert add_key(anna, Passkey()) == []
    assert refresh(token=pair.refresh, networks=CLIENT)
    assert [factor.name for factor in second_factors.factors_of(anna)] == ["Phone", "Laptop"]


def test_a_login_that_ended_meanwhile_changes_no_factor(anna):
    ended = User.objects.get(pk=anna.pk)
    codes = add_app(anna)
    (app,) = second_factors.factors_of(anna)

    for change in (
        lambda: add_key(ended, Passkey()),
        lambda: renew_recovery_codes(user=ended, **PROOF),
        lambda: remove_factor(user=ended, kind=app.kind, factor_id=app.id, **PROOF),
    ):
        with pytest.raises(AccountClosed):
            change()

    assert [factor.id for factor in second_factors.factors_of(anna)] == [app.id]
    check_code(user=anna, code=codes[0], networks=CLIENT)


@pytest.mark.parametrize(
    ("fields", "refusal"), [({"code": wrong_code()}, WrongCode), ({"password": "x"}, WrongPassword)]
)
def test_an_app_needs_a_code_and_the_password(anna, fields, refusal):
    with pytest.raises(refusal):
        add_app(anna, **fields)
    assert not second_factors.has_factor(anna.pk)


def test_removing_needs_the_password_and_the_last_one_takes_the_codes(anna):
    add_app(anna)
    (app,) = second_factors.factors_of(anna)
    which = {"user": anna, "kind": app.kind, "factor_id": app.id}
    with pytest.raises(WrongPassword):
        remove_factor(**which, **PROOF | {"password": "wrong"})

    remove_factor(**which, **PROOF)

    assert enter(anna)
    assert second_factors.recovery_codes_left(anna) == 0
    assert AccountEvent.objects.filter(user=anna).last().kind == "factor_gone"
    with pytest.raises(NoSuchFactor):
        remove_factor(**which, **PROOF)


def test_nobody_removes_somebody_elses(anna):
    theirs = next(second_factors.factors_of(with_app(make_staff())))

    with pytest.raises(NoSuchFactor):
        remove_factor(user=anna, kind=theirs.kind, factor_id=theirs.id, **PROOF)


def test_new_recovery_codes_replace_the_old_ones(anna):
    with pytest.raises(NoSuchFactor):
        renew_recovery_codes(user=anna, **PROOF)
    old = add_app(anna)
    new = renew_recovery_codes(user=anna, **PROOF)

    with pytest.raises(WrongCode):
        check_code(user=anna, code=old[0], networks=CLIENT)
    check_code(user=anna, code=new[0], networks=CLIENT)


def test_an_operator_resets_it_by_the_address(anna, capsys):
    add_app(anna)
    add_key(anna, Passkey())
    pair = enter(anna, code_of(steps=1))

    call_command("reset_second_factor", "ANNA@example.com")

    assert "has no second factor any more" in capsys.readouterr().out
    assert enter(anna)
    with pytest.raises(BadCredentials):
        refresh(token=pair.refresh, networks=CLIENT)
    event = AccountEvent.objects.filter(user=anna).last()
    assert (event.kind, event.by, event.actor) == ("factor_reset", "staff", None)
    assert not StaticToken.objects.exists()
    with pytest.raises(CommandError, match="no account"):
        call_command("reset_second_factor", "nobody@example.com")


def test_a_closed_account_has_none(anna):
    add_app(anna)
    add_key(anna, Passkey())
    delete_account(user=anna)

    for table in second_factors.ALL_TABLES:
        assert not table.objects.exists()
    assert not AccountEvent.objects.exclude(
        reason="", email=""
    ).exists()  # such as "Passkey: Laptop"


# --- Who must have one ----------------------------------------------------------------------------


def request_of(user, **session):
    request = RequestFactory().get("/admin/")
    request.user, request.session = user, session
    return request


def test_the_setting_demands_it_by_role(anna, settings):
    show = make_show()
    assert cinemas_of(anna, Right.MANAGE)

    settings.REQUIRE_SECOND_FACTOR = frozenset({"administrator", "counter"})
    assert cinemas_of(anna, Right.MANAGE)

    settings.REQUIRE_SECOND_FACTOR = frozenset({"manager"})
    with pytest.raises(SecondFactorRequired):
        cinemas_of(anna, Right.MANAGE)
    assert not may_sell_at_counter(anna.pk, show.pk)
    with_app(anna)
    assert cinemas_of(anna, Right.MANAGE)
    assert may_sell_at_counter(anna.pk, show.pk)
    assert not second_factors.is_demanded(make_user())


def test_the_admin_demands_a_verified_session_where_there_is_a_factor(settings):
    boss = make_superuser()
    assert may_enter_admin(request_of(boss))

    settings.REQUIRE_SECOND_FACTOR = frozenset({"administrator"})
    assert not may_enter_admin(request_of(boss))
    settings.REQUIRE_SECOND_FACTOR = frozenset()
    with_app(boss)
    assert not may_enter_admin(request_of(boss))
    assert may_enter_admin(request_of(boss, verified=True))
    assert not may_enter_admin(request_of(make_staff(), verified=True))


def test_the_roles_of_the_setting_are_the_roles_that_there_are():
    names = production.env.some("REQUIRE_SECOND_FACTOR", "", ())
    assert names == frozenset()
    assert set(production.SECOND_FACTOR_ROLES) == {*Role.values, second_factors.ADMINISTRATOR}


def test_a_reset_of_nothing_ends_the_logins(anna):
    pair = enter(anna)
    reset_second_factor(user=anna)

    with pytest.raises(BadCredentials):
        refresh(token=pair.refresh, networks=CLIENT)


def test_kinds_have_tables():
    assert set(second_factors.TABLES) == set(FactorKind)
