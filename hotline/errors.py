"""Every error that the hotline raises on purpose, in one tree.

HotlineError                 one plain line, written for whoever reads it
├── SettingsError            the environment is not fit to start with: every fault at once
├── FlowError                flows or prompts that may not go live: every fault at once
├── FeedRefused              a custody file that can't be read at all
├── CarrierError             the platform did not take a call or a text
│   ├── CarrierRefused       it said no, with its own code: nothing was placed
│   ├── CarrierUncertain     it may or may not have been placed: look before trying again
│   ├── MailRefused          the mail server said no: nothing was taken
│   ├── MailUncertain        a mail left and no answer came: it may have been taken
│   └── MailNotTaken         the mail server did not take a page to staff
├── SearchClosed             nobody is searched for until a named person opens the search again
└── NotFound                 what a command or page was asked for is not there
"""

from __future__ import annotations


class HotlineError(Exception):
    """One plain line that tells its reader what is wrong and what to do."""


class SettingsError(HotlineError):
    """The environment is not fit to start with."""


class FlowError(HotlineError):
    """Flows or prompts may not go live."""


class FeedRefused(HotlineError):
    """A custody file can't be read at all."""


class CarrierError(HotlineError):
    """The platform did not take a call or a text."""


class CarrierRefused(CarrierError):
    """The platform answered no: nothing was placed.

    `status` is the HTTP status, 0 where the request never left; `code` the platform's own, 0 where it gave none.
    """

    def __init__(self, status: int, code: int) -> None:
        super().__init__(f"the platform refused with HTTP {status}, code {code}")
        self.status = status
        self.code = code


class CarrierUncertain(CarrierError):
    """The request left and no answer came: it may have been placed."""


class MailRefused(CarrierError):
    """The mail server said no, at some step (rules.mail_answers.Step): nothing was taken.

    `code` is its own, 421 where it was not reached; `words` are its own too, and may quote an address: never logged.
    """

    def __init__(self, step: str, code: int, words: str) -> None:
        super().__init__(f"the mail server refused at {step} with {code}")
        self.step = step
        self.code = code
        self.words = words


class MailUncertain(CarrierError):
    """A mail left and no answer came: it may have been taken."""


class MailNotTaken(CarrierError):
    """The mail server did not take a page to staff: it may go again."""


class SearchClosed(HotlineError):
    """Nobody is searched for: a hidden record came up, and a named person has to open the search again."""


class NotFound(HotlineError):
    """What was asked for is not there."""
