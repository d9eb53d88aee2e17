"""Every error that Razbor raises on purpose.

    RazborError
    ├── InputError           the user's words are off                → mend the command
    │   ├── UnknownPaper         no such id, file or URL
    │   ├── Withdrawn            its authors took it back: no PDF → an earlier version
    │   └── BadPdf               not a PDF, encrypted, scanned, empty, truncated
    ├── SettingsError        a setting is missing or wrong           → mend the setting
    ├── PromptError          a prompt file is wrong                  → mend the file
    ├── SourceError          arXiv, OpenReview … did not deliver     → later, or skip this paper
    │   ├── SourceBusy           no connection, 429, 5xx, a captcha  → retry (retryable)
    │   └── NeedsLogin           no account, a refused one, a puzzle → a person logs in; go on without this source
    ├── ReadingError         the PDF worker crashed or ran out of its limits → skip this paper
    ├── ModelError           the model did not deliver
    │   ├── ModelUnavailable     no connection, 429, 5xx             → retry (retryable)
    │   ├── ModelRefused         401, 403, 404, 400                  → mend the setting
    │   ├── ModelReplyError      the reply fits no schema, twice     → continue, or another model
    │   ├── ContextTooSmall      the paper does not fit the model    → a model with a larger context
    │   └── BudgetSpent          tokens, money or minutes are used up → a larger budget, or tomorrow
    ├── ModelFileError       the model file is absent, broken, or cannot be fetched
    ├── PaperBusy            another process digests this paper      → wait
    └── StoreError           store/errors.py: database, index, disk

An error carries facts as attributes, survives pickling, and says in `mend` what to do next.
"""

from __future__ import annotations

from store.errors import RazborError


class InputError(RazborError):
    """The user's words are off."""


class UnknownPaper(InputError):
    """The target is no arXiv id, no URL and no file."""


class Withdrawn(InputError):
    """The authors took the paper back, and the source keeps no PDF of this version."""


class BadPdf(InputError):
    """The file is there, but no text can be read from it. `kind` says why."""

    def __init__(self, message: str, mend: str = "", *, kind: str = "") -> None:
        super().__init__(message, mend)
        self.kind = kind


class SettingsError(RazborError):
    """A setting is missing or wrong."""


class PromptError(RazborError):
    """A prompt file, or the values given to it, are wrong."""


class SourceError(RazborError):
    """A source on the network did not deliver."""


class SourceBusy(SourceError):
    """No connection, a time-out, 406, 429, 5xx or a captcha: trying again later can help.

    `gave_up`: it was asked as often as is polite; nothing asks it again in this run, so it is not `retryable`.
    """

    def __init__(self, message: str, mend: str = "", *, gave_up: bool = False) -> None:
        super().__init__(message, mend)
        self.gave_up = gave_up
        self.retryable = not gave_up


class NeedsLogin(SourceError):
    """The source answers only who has logged in, refuses the account, or wants a person to solve something."""


class ReadingError(RazborError):
    """The PDF worker crashed, hung, or ran out of memory on this file."""


class ModelError(RazborError):
    """The model did not deliver."""


class ModelUnavailable(ModelError):
    """No connection, a time-out, 429 or 5xx: trying again can help."""

    retryable = True


class ModelRefused(ModelError):
    """The endpoint refuses the key, the model's name, or the request."""


class ModelReplyError(ModelError):
    """The reply did not fit its schema, nor did the second one. `reply` holds the last words (cut)."""

    def __init__(self, message: str, mend: str = "", *, reply: str = "") -> None:
        super().__init__(message, mend)
        self.reply = reply


class ContextTooSmall(ModelError):
    """The prompt does not fit the model's context; nothing was cut."""


class BudgetSpent(ModelError):
    """The budget of this night or digest is used up."""


class ModelFileError(RazborError):
    """The embedded model's file is absent, broken, or cannot be fetched."""


class PaperBusy(RazborError):
    """Another process works on this paper, or another night is running."""
