"""A pattern: who must be joined to whom, in what way."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """One arrow of a pattern.

    Attributes:
        src: the name of the vertex that it leaves; empty for anybody.
        dst: the name of the vertex that it leads to; empty for anybody.
        kind: of what edges it is; empty where there is only one kind.
        edge: the name under which the edge is returned; empty when it only has to be there.
        negated: it must not be there.
        start: where it stands in the pattern's text.
        end: the place after it.
    """

    src: str
    dst: str
    kind: str
    edge: str
    negated: bool
    start: int
    end: int

    @property
    def names(self) -> tuple[str, ...]:
        """The vertices that have a name, each once."""
        return tuple(dict.fromkeys(name for name in (self.src, self.dst) if name))


@dataclass(frozen=True)
class Pattern:
    """A pattern and its text, for messages."""

    text: str
    terms: tuple[Term, ...]

    def said(self, term: Term) -> str:
        """A term as it was written."""
        return self.text[term.start : term.end]
