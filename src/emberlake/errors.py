"""Every error a user can meet: what was wrong, where, what is accepted, what to do."""

from __future__ import annotations


class EmberlakeError(Exception):
    """The base of all errors that are shown as one sentence, without a traceback.

    Args:
        problem: one sentence: what was wrong and where.
        hint: what is accepted and what to do next; may be empty.
    """

    exit_code = 1

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.problem} {self.hint}".strip()


class SettingsError(EmberlakeError):
    """A setting has a value that is not accepted."""

    exit_code = 2


class EngineError(EmberlakeError):
    """An engine, Java or a JAR could not be made ready."""


class SourceError(EmberlakeError):
    """A source file or a mapping cannot be read as asked."""


class SchemaDrift(SourceError):
    """Columns of a source or a write are not the columns of its table."""


class LakeError(EmberlakeError):
    """A table could not be read or written."""


class LakeBusy(LakeError):
    """Another process holds the lake or a table; the message names its pid."""


class LedgerMismatch(LakeError):
    """Rows read are not rows accepted plus rows refused."""


class ReportError(EmberlakeError):
    """A report does not exist, lacks its data, or got a parameter it does not take."""


class ModelError(EmberlakeError):
    """A model does not exist, cannot be trained on this data, or does not fit the rows that it is given."""


class TrialError(EmberlakeError):
    """A trial does not exist, is in another state than the command needs, or cannot be read from this data."""


class GraphError(EmberlakeError):
    """Rows are no graph, a pattern cannot be parsed, or an algorithm did not come to an end."""


class StreamError(EmberlakeError):
    """Kafka cannot be reached or a stream cannot be started, goes on failing, or would lose or double events."""


class CourseError(EmberlakeError):
    """An exercise does not exist, the course or its folder is not as it was, or asks for what is not there yet."""
