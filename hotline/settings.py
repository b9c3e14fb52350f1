"""The environment, read once into one frozen object. Every fault is told at once."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

from hotline.errors import SettingsError
from hotline.rules.brakes import Brakes
from hotline.rules.delivery import MachineDetection
from hotline.rules.disclosure import ProtectedNotice
from hotline.rules.limits import Limits
from hotline.rules.pace import Pace

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds ivr_flows, audio and migrations."""

TWILIO_API = "https://api.twilio.com"
DEMO_NUMBER = "+18005550199"
DEMO_OPERATOR = "+18005550198"
Table = TypeVar("Table", Limits, Brakes, Pace)

LOOPBACK = ("127.0.0.1", "localhost", "::1")
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Settings:
    """What the hotline runs with. Numbers are E.164, keys raw bytes; `simulated`: no Twilio account is set."""

    data_dir: Path
    database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)
    port: int
    public_url: str
    account_sid: str
    auth_tokens: tuple[str, ...] = field(repr=False)
    api_key: tuple[str, str] | None = field(repr=False)
    api_url: str
    number: str
    staff_number: str | None
    operator_number: str | None
    languages: tuple[str, ...]
    secret_key: str = field(repr=False)
    encryption_keys: Mapping[str, bytes] = field(repr=False)
    index_key: bytes = field(repr=False)
    smtp_url: str | None = field(repr=False)
    drop_folder: str | None = field(repr=False)
    drop_known_hosts: Path | None
    drop_key: Path | None
    staff_mail: str | None
    staff_page_number: str | None
    mail_from: str | None
    mail_bounce_token: str | None = field(repr=False)
    bounce_mailbox: Path | None
    machine_detection: MachineDetection
    protected_notice: ProtectedNotice
    limits: Limits
    brakes: Brakes
    pace: Pace
    simulated: bool

    @property
    def own_numbers(self) -> tuple[str, ...]:
        """Numbers of the hotline itself: never called, never texted."""
        return tuple(n for n in (self.number, self.staff_number, self.operator_number) if n)

    @property
    def simulator_port(self) -> int:
        """Where the simulator listens: the port after the web's."""
        return self.port + 1


VARIABLES: Mapping[str, str] = {
    "DATABASE_URL": "where the records are; default: SQLite in the data folder",
    "REDIS_URL": "the bell for workers; default: none, the dispatcher looks every 2 seconds",
    "PORT": "the port of the web process on this machine; default 8080",
    "TWILIO_ACCOUNT_SID": "the platform account; without it a simulator stands in its place",
    "TWILIO_AUTH_TOKEN": "signs every webhook, and every request if no API key is set",
    "TWILIO_AUTH_TOKEN_SECONDARY": "a second token that signatures may carry while tokens rotate",
    "TWILIO_API_KEY": "key for requests to the platform, with TWILIO_API_SECRET; default: the account and its token",
    "TWILIO_API_SECRET": "the secret of TWILIO_API_KEY",
    "TWILIO_API_URL": f"the platform's address; default {TWILIO_API}",
    "HOTLINE_PUBLIC_URL": "this line's address as the platform calls it: https and a host, no path",
    "HOTLINE_NUMBER": "the toll-free number, as +1…",
    "HOTLINE_STAFF_NUMBER": "the recording line's number",
    "HOTLINE_OPERATOR_NUMBER": "where key 0 connects callers to a person",
    "HOTLINE_LANGUAGES": "languages offered, the first one the default; default en,es",
    "HOTLINE_SECRET_KEY": "signs pages' sessions; 32 characters or more",
    "HOTLINE_ENCRYPTION_KEYS": "id:key pairs with commas, keys of 32 bytes in base64; the first seals, all open",
    "HOTLINE_INDEX_KEY": "makes look-up hashes of numbers; 32 bytes in base64",
    "HOTLINE_SMTP_URL": "the mail server, as smtp://user:password@host:port; default: no mail",
    "HOTLINE_STAFF_MAIL": "where pages to staff are mailed, with HOTLINE_SMTP_URL; default: none",
    "HOTLINE_STAFF_PAGE_NUMBER": "the number that pages to staff are texted to, as +1…; default: none",
    "HOTLINE_MAIL_FROM": "the address that news by mail comes from, and comes back to; default: the user of "
    "HOTLINE_SMTP_URL where that is an address, else HOTLINE_STAFF_MAIL",
    "HOTLINE_MAIL_BOUNCE_TOKEN": "what a mail service shows to report bounces to /mail/bounces; 32 characters or more; "
    "default: none may",
    "HOTLINE_BOUNCE_MAILBOX": "the Maildir folder that mails from HOTLINE_MAIL_FROM come back to; default: none",
    "HOTLINE_MACHINE_DETECTION": "when the platform tells whether a person or a machine took a call: sync (default: "
    "before the first word), async (meanwhile) or off",
    "HOTLINE_PROTECTED_NOTICE": "what a subscriber hears once two people ended a sign-up about somebody who may no "
    "longer be shown: silence (default) or neutral_end",
    "HOTLINE_DROP_FOLDER": "where the agency drops its feed: a path, or sftp://user@host/path; default: nowhere",
    "HOTLINE_DROP_KNOWN_HOSTS": "the file with the SFTP server's host key; default: ~/.ssh/known_hosts",
    "HOTLINE_DROP_KEY": "the file with our SFTP key; default: those of ~/.ssh",
    "HOTLINE_DATA_DIR": "folder of the embedded database and its secrets; default: data beside the program",
    "HOTLINE_LIMIT_<NAME>": "one of the line's limits; `hotline doctor` lists them",
    "HOTLINE_BRAKE_<NAME>": "a threshold past which an import waits for a person; `hotline doctor` lists them",
    "HOTLINE_SEND_<NAME>": "how fast calls, texts and mails go out; `hotline doctor` lists the names",
}


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises SettingsError with every fault, one a line.

    With SQLite the secrets that are not set are made once and kept in the data folder; a server database
    is shared by machines, so there they must be set.
    """
    return _Reader(os.environ if environ is None else environ).settings()


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = {name: value.strip() for name, value in environ.items() if value.strip()}
        self.faults: list[str] = []

    def settings(self) -> Settings:
        data_dir = Path(self.environ.get("HOTLINE_DATA_DIR", ROOT / "data"))
        database_url = self._database(data_dir)
        account = self.environ.get("TWILIO_ACCOUNT_SID")
        self._secret_shapes()
        if account is not None and not re.fullmatch(r"AC[0-9a-zA-Z]{32}", account):
            self.faults.append("TWILIO_ACCOUNT_SID: should be AC and 32 letters or digits")
        port = self._port()
        public_url = self._public_url(port, account is not None)
        number = self._number("HOTLINE_NUMBER", None if account else DEMO_NUMBER)
        if number is None and "HOTLINE_NUMBER" not in self.environ:
            self.faults.append("HOTLINE_NUMBER: is needed with a platform account, as +1…")
        staff = self._number("HOTLINE_STAFF_NUMBER", None)
        operator = self._number("HOTLINE_OPERATOR_NUMBER", None if account else DEMO_OPERATOR)
        staff_page_number = self._number("HOTLINE_STAFF_PAGE_NUMBER", None)
        machine_detection, protected_notice = self._machine_detection(), self._protected_notice()
        limits, brakes, pace = self._limits(), self._brakes(), self._pace()
        languages = self._languages()
        drop_folder = self._drop_folder()
        made = self._made(data_dir, database_url)
        if self.faults:
            raise SettingsError("\n".join(self.faults))
        tokens = (self.environ.get("TWILIO_AUTH_TOKEN"), self.environ.get("TWILIO_AUTH_TOKEN_SECONDARY"))
        return Settings(
            data_dir=data_dir,
            database_url=database_url,
            redis_url=self.environ.get("REDIS_URL"),
            port=port,
            public_url=public_url,
            account_sid=account or made["account_sid"],
            auth_tokens=tuple(t for t in tokens if t) if account else (made["auth_token"],),
            api_key=self._api_key(),
            api_url=self.environ.get(
                "TWILIO_API_URL", TWILIO_API if account else f"http://127.0.0.1:{port + 1}"
            ).rstrip("/"),
            number=number or "",
            staff_number=staff,
            operator_number=operator,
            languages=languages,
            secret_key=self.environ.get("HOTLINE_SECRET_KEY") or made["secret_key"],
            encryption_keys=_keys(self.environ.get("HOTLINE_ENCRYPTION_KEYS") or made["encryption_keys"]),
            index_key=base64.b64decode(self.environ.get("HOTLINE_INDEX_KEY") or made["index_key"]),
            smtp_url=self.environ.get("HOTLINE_SMTP_URL"),
            drop_folder=drop_folder,
            drop_known_hosts=self._file("HOTLINE_DROP_KNOWN_HOSTS"),
            drop_key=self._file("HOTLINE_DROP_KEY"),
            staff_mail=self.environ.get("HOTLINE_STAFF_MAIL"),
            staff_page_number=staff_page_number,
            mail_from=self._mail_from(),
            mail_bounce_token=self.environ.get("HOTLINE_MAIL_BOUNCE_TOKEN"),
            bounce_mailbox=self._file("HOTLINE_BOUNCE_MAILBOX"),
            machine_detection=machine_detection,
            protected_notice=protected_notice,
            limits=limits,
            brakes=brakes,
            pace=pace,
            simulated=account is None,
        )

    def _database(self, data_dir: Path) -> str:
        url = self.environ.get("DATABASE_URL", f"sqlite:///{data_dir / 'hotline.db'}")
        scheme, _, rest = url.partition("://")
        if scheme in ("postgres", "postgresql"):  # as hosting services write it
            scheme = "postgresql+psycopg"
        good = {
            "sqlite": rest[:1] == "/" and rest[1:] not in ("", ":memory:"),
            "postgresql+psycopg": _parts(url) is not None and rest != "",
        }
        if not good.get(scheme):
            self.faults.append("DATABASE_URL: should be sqlite:///file or postgresql://user:password@host:port/name")
        return f"{scheme}://{rest}"

    def _port(self) -> int:
        text = self.environ.get("PORT", "8080")
        if re.fullmatch(r"[0-9]{1,5}", text) and 0 < int(text) < 65535:
            return int(text)
        self.faults.append("PORT: should be a number from 1 to 65534")
        return 8080

    def _public_url(self, port: int, account: bool) -> str:
        text = self.environ.get("HOTLINE_PUBLIC_URL")
        if text is None:
            if account:
                self.faults.append("HOTLINE_PUBLIC_URL: is needed with a platform account, as https://host")
            return f"http://127.0.0.1:{port}"
        parts = _parts(text) if _PLAIN_ADDRESS.fullmatch(text) else None
        host = (parts.hostname or "") if parts else ""
        if not host:
            self.faults.append("HOTLINE_PUBLIC_URL: should be https://host or https://host:port, with no path")
        elif "_" in host or host in ("0.0.0.0", "::"):
            self.faults.append(
                "HOTLINE_PUBLIC_URL: the platform can't call that host: give the public name, without underscores"
            )
        elif text.startswith("http:") and host not in LOOPBACK:
            self.faults.append("HOTLINE_PUBLIC_URL: should be https: the calls that come to it are private")
        return text.rstrip("/")

    def _number(self, name: str, default: str | None) -> str | None:
        text = self.environ.get(name)
        if text is None:
            return default
        if not re.fullmatch(r"\+[1-9]\d{6,14}", text):
            self.faults.append(f"{name}: should be a whole number in international form, as +1…")
            return None
        return text

    def _protected_notice(self) -> ProtectedNotice:
        text = self.environ.get("HOTLINE_PROTECTED_NOTICE", ProtectedNotice.SILENCE)
        if text not in tuple(ProtectedNotice):
            self.faults.append("HOTLINE_PROTECTED_NOTICE: should be silence or neutral_end")
            return ProtectedNotice.SILENCE
        return ProtectedNotice(text)

    def _machine_detection(self) -> MachineDetection:
        text = self.environ.get("HOTLINE_MACHINE_DETECTION", MachineDetection.SYNC)
        if text not in tuple(MachineDetection):
            self.faults.append("HOTLINE_MACHINE_DETECTION: should be sync, async or off")
            return MachineDetection.SYNC
        return MachineDetection(text)

    def _languages(self) -> tuple[str, ...]:
        languages = tuple(
            dict.fromkeys(
                code.strip() for code in self.environ.get("HOTLINE_LANGUAGES", "en,es").split(",") if code.strip()
            )
        )
        missing = [
            code
            for code in languages
            if not re.fullmatch(r"[a-z]{2,3}", code) or not (ROOT / "audio" / code / "prompts.yaml").exists()
        ]
        if missing or not languages or len(languages) > 8:
            self.faults.append(
                f"HOTLINE_LANGUAGES: should name one to eight folders of audio/, not {', '.join(missing) or 'none'}"
            )
        return languages

    def _limits(self) -> Limits:
        return self._table("HOTLINE_LIMIT_", Limits)

    def _brakes(self) -> Brakes:
        return self._table("HOTLINE_BRAKE_", Brakes)

    def _pace(self) -> Pace:
        return self._table("HOTLINE_SEND_", Pace)

    def _table(self, prefix: str, table: type[Table]) -> Table:
        overrides = {
            name.removeprefix(prefix): value for name, value in self.environ.items() if name.startswith(prefix)
        }
        try:
            return table.from_names(overrides)
        except ValueError as fault:
            self.faults.append(f"{prefix}…: {fault}")
            return table()

    def _drop_folder(self) -> str | None:
        text = self.environ.get("HOTLINE_DROP_FOLDER")
        if text is not None and "://" in text and not _names_host(text, "sftp"):
            self.faults.append("HOTLINE_DROP_FOLDER: should be a path, or sftp://user@host/path")
        return text

    def _mail_from(self) -> str | None:
        parts = _parts(self.environ.get("HOTLINE_SMTP_URL", ""))
        user = unquote(parts.username or "") if parts else ""
        default = user if _ADDRESS.fullmatch(user) else self.environ.get("HOTLINE_STAFF_MAIL")
        return self.environ.get("HOTLINE_MAIL_FROM", default)

    def _file(self, name: str) -> Path | None:
        return Path(self.environ[name]).expanduser() if name in self.environ else None

    def _api_key(self) -> tuple[str, str] | None:
        key, secret = self.environ.get("TWILIO_API_KEY"), self.environ.get("TWILIO_API_SECRET")
        return (key, secret) if key and secret else None

    def _secret_shapes(self) -> None:
        if "TWILIO_ACCOUNT_SID" in self.environ and "TWILIO_AUTH_TOKEN" not in self.environ:
            self.faults.append("TWILIO_AUTH_TOKEN: is needed with TWILIO_ACCOUNT_SID")
        if "TWILIO_AUTH_TOKEN" in self.environ and "TWILIO_ACCOUNT_SID" not in self.environ:
            self.faults.append("TWILIO_ACCOUNT_SID: is needed with TWILIO_AUTH_TOKEN")
        if ("TWILIO_API_KEY" in self.environ) != ("TWILIO_API_SECRET" in self.environ):
            self.faults.append("TWILIO_API_KEY and TWILIO_API_SECRET: are needed together")
        if "TWILIO_API_URL" in self.environ and not _names_host(self.environ["TWILIO_API_URL"], "http", "https"):
            self.faults.append("TWILIO_API_URL: should be http(s)://host")
        if "REDIS_URL" in self.environ and not _names_host(self.environ["REDIS_URL"], "redis", "rediss"):
            self.faults.append("REDIS_URL: should be redis://host:port or rediss://host:port")
        if "HOTLINE_SMTP_URL" in self.environ and not _names_host(self.environ["HOTLINE_SMTP_URL"], "smtp", "smtps"):
            self.faults.append("HOTLINE_SMTP_URL: should be smtp://host:port or smtps://host:port")
        for name in ("HOTLINE_STAFF_MAIL", "HOTLINE_MAIL_FROM"):
            if not _ADDRESS.fullmatch(self.environ.get(name, "a@b")):
                self.faults.append(f"{name}: should be one address, as name@host")
        if len(self.environ.get("HOTLINE_MAIL_BOUNCE_TOKEN", "x" * KEY_BYTES)) < KEY_BYTES:
            self.faults.append("HOTLINE_MAIL_BOUNCE_TOKEN: is too short: 32 characters or more")
        if len(self.environ.get("HOTLINE_SECRET_KEY", "x" * KEY_BYTES)) < KEY_BYTES:
            self.faults.append("HOTLINE_SECRET_KEY: is too short: 32 characters or more")
        if "HOTLINE_INDEX_KEY" in self.environ and not _is_key(self.environ["HOTLINE_INDEX_KEY"]):
            self.faults.append("HOTLINE_INDEX_KEY: should be 32 bytes or more in base64")
        if "HOTLINE_ENCRYPTION_KEYS" in self.environ:
            pairs = [pair.partition(":") for pair in self.environ["HOTLINE_ENCRYPTION_KEYS"].split(",")]
            if len({key_id.strip() for key_id, _, _ in pairs}) < len(pairs):
                self.faults.append("HOTLINE_ENCRYPTION_KEYS: names one id twice: each key needs its own")
            if not all(
                re.fullmatch(r"[A-Za-z0-9_-]{1,16}", key_id.strip()) and _is_key(key, exactly=True)
                for key_id, _, key in pairs
            ):
                self.faults.append(
                    "HOTLINE_ENCRYPTION_KEYS: should be id:key pairs with commas, each key 32 bytes in base64"
                )

    def _made(self, data_dir: Path, database_url: str) -> Mapping[str, str]:
        wanted = ("HOTLINE_SECRET_KEY", "HOTLINE_ENCRYPTION_KEYS", "HOTLINE_INDEX_KEY")
        missing = [name for name in wanted if name not in self.environ]
        if not database_url.startswith("sqlite"):
            self.faults.extend(f"{name}: is needed with a server database" for name in missing)
            if "TWILIO_ACCOUNT_SID" not in self.environ:
                self.faults.append("TWILIO_ACCOUNT_SID: is needed with a server database")
            return {}
        if self.faults or (not missing and "TWILIO_ACCOUNT_SID" in self.environ):
            return {}
        return _made_secrets(data_dir)


_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_PLAIN_ADDRESS = re.compile(r"https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?/*")


def _parts(url: str) -> SplitResult | None:
    """An address in its parts; None where it can't be read, or its port can't be one."""
    try:
        parts = urlsplit(url)
        return None if parts.port == 0 else parts
    except ValueError:
        return None


def _names_host(url: str, *schemes: str) -> bool:
    parts = _parts(url)
    return parts is not None and bool(parts.hostname) and parts.scheme in schemes


def _is_key(text: str, exactly: bool = False) -> bool:
    try:
        length = len(base64.b64decode(text.strip(), validate=True))
    except (binascii.Error, ValueError):
        return False
    return length == KEY_BYTES if exactly else length >= KEY_BYTES


def _keys(text: str) -> dict[str, bytes]:
    pairs = (pair.partition(":") for pair in text.split(","))
    return {key_id.strip(): base64.b64decode(key.strip()) for key_id, _, key in pairs}


def _made_secrets(data_dir: Path) -> Mapping[str, str]:
    """The embedded default's own secrets, made once; processes that start together agree on one set."""
    path = data_dir / "secrets.json"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            own = data_dir / f".secrets-{secrets.token_hex(8)}"
            descriptor = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(_new_secrets(), file, indent=1)
            try:
                os.link(own, path)
            except FileExistsError:  # another process was first
                pass
            finally:
                own.unlink()
        made = json.loads(path.read_text("utf-8"))
        if not isinstance(made, dict) or not made.keys() >= _new_secrets().keys():
            raise ValueError("not whole")
    except OSError as fault:
        raise SettingsError(f"HOTLINE_DATA_DIR: can't keep secrets in {data_dir}: {fault.strerror}") from None
    except ValueError:
        raise SettingsError(
            f"{path} is damaged: restore it from a copy; without it the sealed fields can't be opened"
        ) from None
    return {str(name): str(value) for name, value in made.items()}


def _new_secrets() -> dict[str, str]:
    def key() -> str:
        return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()

    return {
        "account_sid": "AC" + secrets.token_hex(16),
        "auth_token": secrets.token_hex(16),
        "secret_key": secrets.token_urlsafe(48),
        "encryption_keys": f"k1:{key()}",
        "index_key": key(),
    }
