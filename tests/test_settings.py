from __future__ import annotations

import base64
import inspect
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hotline import settings
from hotline.errors import SettingsError
from hotline.settings import DEMO_NUMBER, VARIABLES, Settings, read_settings

KEY = base64.b64encode(bytes(range(32))).decode()
SECRET = "for tests only, and thirty-two long"
PLATFORM = {
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_AUTH_TOKEN": "0123456789abcdef0123456789abcdef",
    "HOTLINE_PUBLIC_URL": "https://hotline.example.org",
    "HOTLINE_NUMBER": "+18005550199",
}
SECRETS = {"HOTLINE_SECRET_KEY": SECRET, "HOTLINE_ENCRYPTION_KEYS": f"k1:{KEY}", "HOTLINE_INDEX_KEY": KEY}
PRODUCTION = {**PLATFORM, **SECRETS, "DATABASE_URL": "postgresql://hotline:pw-of-db@db.example.org:5432/hotline"}

# name, value, what its line says
FAULTS = [
    ("DATABASE_URL", "mysql://x/y", "sqlite:///file or postgresql://"),
    ("DATABASE_URL", "sqlite://", "sqlite:///file or postgresql://"),
    ("DATABASE_URL", "sqlite:///:memory:", "sqlite:///file or postgresql://"),
    ("DATABASE_URL", "postgresql://", "sqlite:///file or postgresql://"),
    ("DATABASE_URL", "postgresql://h:port/name", "sqlite:///file or postgresql://"),
    ("DATABASE_URL", "hotline.db", "sqlite:///file or postgresql://"),
    ("HOTLINE_MAIL_FROM", "Hotline <line@example.org>", "one address"),
    ("HOTLINE_MAIL_BOUNCE_TOKEN", "short", "32 characters or more"),
    ("REDIS_URL", "localhost:6379", "redis://host:port"),
    ("REDIS_URL", "redis://:x:y/", "redis://host:port"),
    ("PORT", "http", "a number from 1 to 65534"),
    ("PORT", "0", "a number from 1 to 65534"),
    ("PORT", "-1", "a number from 1 to 65534"),
    ("PORT", "65535", "a number from 1 to 65534"),
    ("PORT", "9" * 5000, "a number from 1 to 65534"),
    ("PORT", "８０", "a number from 1 to 65534"),
    ("TWILIO_ACCOUNT_SID", "AC1", "AC and 32"),
    ("TWILIO_ACCOUNT_SID", "SK" + "1" * 32, "AC and 32"),
    ("TWILIO_AUTH_TOKEN", "", "is needed with TWILIO_ACCOUNT_SID"),
    ("TWILIO_API_KEY", "SK1", "are needed together"),
    ("TWILIO_API_SECRET", "secret", "are needed together"),
    ("TWILIO_API_URL", "api.twilio.com", "http(s)://host"),
    ("TWILIO_API_URL", "ftp://api.example.org", "http(s)://host"),
    ("TWILIO_API_URL", "https://", "http(s)://host"),
    ("TWILIO_API_URL", "https://[", "http(s)://host"),
    ("HOTLINE_PUBLIC_URL", "", "is needed with a platform account"),
    ("HOTLINE_PUBLIC_URL", "hotline.example.org", "with no path"),
    ("HOTLINE_PUBLIC_URL", "https://", "with no path"),
    ("HOTLINE_PUBLIC_URL", "https://hotline.example.org/path", "with no path"),
    ("HOTLINE_PUBLIC_URL", "https://hotline.example.org?a=1", "with no path"),
    ("HOTLINE_PUBLIC_URL", "https://hotline.example.org#x", "with no path"),
    ("HOTLINE_PUBLIC_URL", "https://hotline.example.org?", "with no path"),
    ("HOTLINE_PUBLIC_URL", "https://hotline.example.org:", "with no path"),
    ("HOTLINE_PUBLIC_URL", "https://user:pw@hotline.example.org", "with no path"),
    ("HOTLINE_PUBLIC_URL", "https://hotline.example.org:99999", "with no path"),
    ("HOTLINE_PUBLIC_URL", "https://hotline.exa mple.org", "with no path"),
    ("HOTLINE_PUBLIC_URL", "https://hötline.example.org", "with no path"),
    ("HOTLINE_PUBLIC_URL", "https://hot_line.example.org", "without underscores"),
    ("HOTLINE_PUBLIC_URL", "https://0.0.0.0:8080", "can't call that host"),
    ("HOTLINE_PUBLIC_URL", "http://[::]:8080", "can't call that host"),
    ("HOTLINE_PUBLIC_URL", "http://hotline.example.org", "should be https"),
    ("HOTLINE_NUMBER", "", "is needed with a platform account"),
    ("HOTLINE_NUMBER", "8005550199", "international form"),
    ("HOTLINE_NUMBER", "+1 800", "international form"),
    ("HOTLINE_STAFF_NUMBER", "000", "international form"),
    ("HOTLINE_OPERATOR_NUMBER", "+1 202 555 012", "international form"),
    ("HOTLINE_LANGUAGES", "en,xx", "not xx"),
    ("HOTLINE_LANGUAGES", "../en", "one to eight folders"),
    ("HOTLINE_LANGUAGES", ",", "one to eight folders"),
    ("HOTLINE_SECRET_KEY", "hunter2", "32 characters or more"),
    ("HOTLINE_INDEX_KEY", "c2hvcnQ=", "32 bytes or more in base64"),
    ("HOTLINE_INDEX_KEY", "not base64!" * 8, "32 bytes or more in base64"),
    ("HOTLINE_ENCRYPTION_KEYS", KEY, "id:key pairs"),
    ("HOTLINE_ENCRYPTION_KEYS", "k1:c2hvcnQ=", "id:key pairs"),
    ("HOTLINE_ENCRYPTION_KEYS", f"k1:{KEY},", "id:key pairs"),
    ("HOTLINE_ENCRYPTION_KEYS", f"k 1:{KEY}", "id:key pairs"),
    ("HOTLINE_ENCRYPTION_KEYS", f"k1:{KEY},k1:{KEY}", "names one id twice"),
    ("HOTLINE_LIMIT_SEARCHES_PER_DAY", "0", "not a whole number above zero"),
    ("HOTLINE_LIMIT_SEARCHES_PER_DAY", "many", "not a whole number above zero"),
    ("HOTLINE_LIMIT_COFFEES_PER_DAY", "3", "no such limit"),
    ("HOTLINE_BRAKE_CRITICAL", "0", "not a whole number above zero"),
    ("HOTLINE_BRAKE_COFFEES", "3", "no such limit"),
]


def faults(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as told:
        read_settings(environ)
    return str(told.value).splitlines()


@pytest.mark.parametrize(("name", "value", "says"), FAULTS, ids=lambda text: text[:40] or "nothing")
def test_a_fault_has_a_line_of_its_own_that_names_its_variable(name: str, value: str, says: str) -> None:
    told = faults({**PRODUCTION, name: value})
    assert len(told) == 1
    assert says in told[0]
    table = re.match(r"HOTLINE_(LIMIT|BRAKE)_", name)  # a row of a table stands behind the table's own name
    assert (table[0] if table else name) in told[0]
    if name in ("HOTLINE_SECRET_KEY", "HOTLINE_INDEX_KEY", "HOTLINE_ENCRYPTION_KEYS"):
        assert value not in told[0]


def test_all_faults_are_told_at_once() -> None:
    told = faults(
        {
            "DATABASE_URL": "mysql://x",
            "PORT": "x",
            "TWILIO_ACCOUNT_SID": "x",
            "HOTLINE_PUBLIC_URL": "x",
            "HOTLINE_STAFF_NUMBER": "x",
            "HOTLINE_LANGUAGES": "x",
            "HOTLINE_SECRET_KEY": "x",
            "HOTLINE_LIMIT_X": "x",
        }
    )
    named = {line.partition(":")[0] for line in told}
    assert named >= {
        "DATABASE_URL", "PORT", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "HOTLINE_PUBLIC_URL", "HOTLINE_NUMBER",
        "HOTLINE_STAFF_NUMBER", "HOTLINE_LANGUAGES", "HOTLINE_SECRET_KEY", "HOTLINE_INDEX_KEY",
        "HOTLINE_ENCRYPTION_KEYS",
    }  # fmt: skip
    assert len(told) == len(set(told))


def test_production_starts_with_everything_set() -> None:
    read = read_settings({**PRODUCTION, "REDIS_URL": "redis://127.0.0.1:6379/0", "PORT": "9000"})
    assert read.database_url == "postgresql+psycopg://hotline:pw-of-db@db.example.org:5432/hotline"
    assert (read.public_url, read.port, read.simulated) == ("https://hotline.example.org", 9000, False)
    assert read.operator_number is None


@pytest.mark.parametrize("missing", [*SECRETS, "TWILIO_ACCOUNT_SID"])
def test_production_does_not_start_without_a_secret(missing: str, tmp_path: Path) -> None:
    environ = {name: value for name, value in PRODUCTION.items() if name != missing}
    assert any(missing in line for line in faults({**environ, "HOTLINE_DATA_DIR": str(tmp_path)}))
    assert list(tmp_path.iterdir()) == []  # nothing was made in its place


def test_a_clone_starts_with_nothing_set_and_makes_its_secrets_once(tmp_path: Path) -> None:
    first = read_settings({"HOTLINE_DATA_DIR": str(tmp_path / "data")})
    again = read_settings({"HOTLINE_DATA_DIR": str(tmp_path / "data")})
    assert first == again
    assert (first.simulated, first.number, first.port) == (True, DEMO_NUMBER, 8080)
    assert first.database_url == f"sqlite:///{tmp_path}/data/hotline.db"
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secrets.json"]
    other = read_settings({"HOTLINE_DATA_DIR": str(tmp_path / "other")})
    assert other.index_key != first.index_key
    assert other.auth_tokens != first.auth_tokens


def test_only_its_owner_reads_the_secrets(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        read_settings({"HOTLINE_DATA_DIR": str(tmp_path)})
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_processes_that_start_together_agree_on_one_set_of_secrets(tmp_path: Path) -> None:
    look = "from hotline.settings import read_settings as r; s = r(); print(s.secret_key, s.index_key, s.account_sid)"
    environ = {"PATH": os.environ["PATH"], "HOTLINE_DATA_DIR": str(tmp_path)}
    started = [
        subprocess.Popen([sys.executable, "-c", look], env=environ, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    told = {process.communicate(timeout=60)[0] for process in started}
    assert len(told) == 1
    assert told != {""}
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "{}", json.dumps({"secret_key": "x"}), "\udcff"])
def test_damaged_secrets_are_told_and_not_made_anew(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secrets.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert "is damaged" in faults({"HOTLINE_DATA_DIR": str(tmp_path)})[0]
    assert path.read_bytes() == content.encode("utf-8", "surrogateescape")


def test_a_data_folder_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = faults({"HOTLINE_DATA_DIR": str(tmp_path / "file" / "data")})
    assert told[0].startswith("HOTLINE_DATA_DIR: can't keep secrets")


def test_showing_the_settings_shows_no_secret() -> None:
    secret = {
        "HOTLINE_SECRET_KEY": SECRET,
        "TWILIO_AUTH_TOKEN": PLATFORM["TWILIO_AUTH_TOKEN"],
        "TWILIO_AUTH_TOKEN_SECONDARY": "second-token",
        "TWILIO_API_KEY": "SK1",
        "TWILIO_API_SECRET": "secret-of-key",
        "HOTLINE_SMTP_URL": "smtp://user:pw-of-mail@mail.example.org:587",
        "REDIS_URL": "redis://:pw-of-redis@redis.example.org:6379",
    }
    shown = repr(read_settings({**PRODUCTION, **secret}))
    for value in (SECRET, *list(secret.values())[1:3], "secret-of-key", "pw-of-mail", "pw-of-redis", "pw-of-db", KEY):
        assert value not in shown
    assert repr(bytes(range(32))) not in shown


def test_blanks_around_a_value_do_no_harm() -> None:
    environ = {name: f" {value}\n" for name, value in PRODUCTION.items()}
    assert read_settings({**environ, "PORT": " "}) == read_settings(PRODUCTION)


def test_the_first_key_seals_and_both_tokens_are_known() -> None:
    other = base64.b64encode(bytes(32)).decode()
    read = read_settings(
        {
            **PRODUCTION,
            "HOTLINE_ENCRYPTION_KEYS": f"new:{other}, old:{KEY}",
            "TWILIO_AUTH_TOKEN_SECONDARY": "second-token",
        }
    )
    assert list(read.encryption_keys) == ["new", "old"]
    assert read.auth_tokens == (PLATFORM["TWILIO_AUTH_TOKEN"], "second-token")


def test_every_variable_that_is_read_is_told_of() -> None:
    source = inspect.getsource(settings._Reader)
    read = set(re.findall(r'"((?:HOTLINE|TWILIO|REDIS|DATABASE)_[A-Z_]*[A-Z]|PORT)"', source))
    assert read <= set(VARIABLES)
    assert {name for name in VARIABLES if "<" not in name} <= read


@hypothesis_settings(max_examples=150, deadline=None)
@given(
    environ=st.dictionaries(
        st.sampled_from([*(name for name in VARIABLES if "<" not in name), "HOTLINE_LIMIT_X"]),
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40),
    )
)
def test_no_environment_at_all_ends_in_anything_but_settings_or_their_faults(environ: dict[str, str]) -> None:
    try:
        read = read_settings({**PRODUCTION, **environ})
    except SettingsError:
        return
    assert isinstance(read, Settings)


@pytest.mark.parametrize(
    ("given", "sender"),
    [
        ({}, None),
        ({"HOTLINE_SMTP_URL": "smtp://relay.example.org"}, None),
        ({"HOTLINE_SMTP_URL": "smtps://line%40example.org:pw@relay.example.org"}, "line@example.org"),
        (
            {"HOTLINE_SMTP_URL": "smtp://u:pw@relay.example.org", "HOTLINE_STAFF_MAIL": "staff@example.org"},
            "staff@example.org",
        ),
        ({"HOTLINE_STAFF_MAIL": "staff@example.org", "HOTLINE_MAIL_FROM": "news@example.org"}, "news@example.org"),
    ],
)
def test_news_by_mail_comes_from_an_address_of_ours(given: dict[str, str], sender: str | None, tmp_path: Path) -> None:
    assert read_settings({**given, "HOTLINE_DATA_DIR": str(tmp_path)}).mail_from == sender
