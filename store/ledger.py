"""What was spent and tried: model calls, cached replies, attempts, runs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from store.records import Attempt, ModelCall, Run, Usage
from store.shelf import Shelf, get, record
from store.tables import AttemptRow, CallRow, ReplyRow, RunRow


class Ledger(Shelf):
    """Model calls and the reply cache; attempts and runs."""

    def record_call(self, call: ModelCall) -> None:
        with self._database.write() as session:
            session.add(CallRow(**dict(call)))

    def calls(self, digest_id: str) -> list[ModelCall]:
        """The digest's model calls in their order."""
        return self._all(ModelCall, select(CallRow).where(CallRow.digest_id == digest_id).order_by(CallRow.id))

    def usage(self, digest_id: str, since: datetime | None = None) -> Usage:
        """Sums over the digest's calls, all or those made `since` a time.

        A reply from our cache counts as a cache hit: no call, tokens or money.
        """
        calls = [call for call in self.calls(digest_id) if since is None or call.created >= since]
        made = [call for call in calls if not call.from_reply_cache]
        return Usage(
            prompt_tokens=sum(call.prompt_tokens for call in made),
            cached_tokens=sum(call.cached_tokens for call in made),
            completion_tokens=sum(call.completion_tokens for call in made),
            calls=len(made),
            cache_hits=len(calls) - len(made),
            money=sum(call.money for call in made),
            seconds=sum(call.seconds for call in calls),
        )

    def cached_reply(self, key: str) -> str | None:
        with self._database.read() as session:
            return session.scalar(select(ReplyRow.reply).where(ReplyRow.key == key))

    def keep_reply(self, key: str, model: str, reply: str) -> None:
        """Keep a reply; the first one under a key stays."""
        with self._database.write() as session:
            if session.get(ReplyRow, key) is None:
                session.add(ReplyRow(key=key, model=model, reply=reply))

    def save_attempt(self, attempt: Attempt) -> None:
        """Add the attempt, or replace the one with its `attempt_id`."""
        with self._database.write() as session:
            session.merge(AttemptRow(**dict(attempt)))

    def attempts(self, *, run_id: str | None = None, paper_id: str | None = None) -> list[Attempt]:
        """Attempts in the order of their start: of one run, of one paper, of both, or all."""
        wanted = select(AttemptRow).order_by(AttemptRow.started, AttemptRow.digest_id, AttemptRow.attempt_id)
        if run_id is not None:
            wanted = wanted.where(AttemptRow.run_id == run_id)
        if paper_id is not None:
            wanted = wanted.where(AttemptRow.paper_id == paper_id)
        return self._all(Attempt, wanted)

    def last_attempt(self, paper_id: str) -> Attempt | None:
        return next(reversed(self.attempts(paper_id=paper_id)), None)

    def save_run(self, run: Run) -> None:
        with self._database.write() as session:
            session.merge(RunRow(**dict(run)))

    def run(self, run_id: str) -> Run:
        with self._database.read() as session:
            return record(Run, get(session, RunRow, run_id, "run"))

    def runs(self) -> list[Run]:
        """All runs, newest first."""
        return self._all(Run, select(RunRow).order_by(RunRow.started.desc(), RunRow.run_id))
