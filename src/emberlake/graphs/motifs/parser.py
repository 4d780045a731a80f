"""The language of patterns, read.

    pattern  = term { ";" term }
    term     = [ "!" ] vertex arrow vertex
    vertex   = "(" [ name ] ")"
    arrow    = "-[" edge "]->"  |  "<-[" edge "]-"
    edge     = [ name ":" ] [ kind ]

It is GraphFrames' motif language with kinds of edges in the brackets, where GraphFrames has the edge's name.
"""

from __future__ import annotations

import re
from typing import NoReturn

from emberlake.errors import GraphError
from emberlake.graphs.motifs.pattern import Pattern, Term

EXAMPLE = "(a)-[follows]->(b); (b)-[bought]->(p); !(a)-[bought]->(p)"
_NAME = re.compile(r"[A-Za-z_]\w*")
_BLANK = re.compile(r"\s*")


def parse(text: str) -> Pattern:
    """A pattern from its text.

    Raises:
        GraphError: with the place where the text stops making sense, and what is accepted there.
    """
    return _Reader(text).pattern()


class _Reader:
    """Reads from left to right; `at` is the place that is looked at."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def pattern(self) -> Pattern:
        terms = []
        if not self.text.strip():
            self._refuse("a term")
        while True:
            terms.append(self._term())
            if self._done():
                break
            self._take(";", "';' and another term, or the end")
            # A ; after the last term is no fault.
            if self._done():
                break
        return Pattern(self.text, tuple(terms))

    def _term(self) -> Term:
        self._skip()
        start = self.at
        negated = self._has("!")
        left = self._vertex()
        if self._has("<-["):
            edge, kind = self._edge()
            self._take("]-", "']-' (this arrow began with '<-[')")
            if self.text.startswith(">", self.at):
                self._refuse("an arrow in one direction: '<-[...]-' or '-[...]->', so '('")
            src, dst = self._vertex(), left
        else:
            self._take("-[", "an arrow: '-[kind]->' or '<-[kind]-'")
            edge, kind = self._edge()
            self._take("]->", "']->'")
            src, dst = left, self._vertex()
        return Term(src, dst, kind, edge, negated, start, self.at)

    def _vertex(self) -> str:
        self._take("(", "a vertex: '(name)', or '()' for anybody")
        name = self._name()
        self._take(")", "')'" if name else "a name (letters, digits, _; not a digit first) or ')'")
        return name

    def _edge(self) -> tuple[str, str]:
        """The edge's name and its kind."""
        first = self._name()
        if self._has(":"):
            if not first:
                self._refuse("a name before ':'", self.at - 1)
            return first, self._name()
        return "", first

    def _name(self) -> str:
        self._skip()
        found = _NAME.match(self.text, self.at)
        if not found:
            return ""
        self.at = found.end()
        return found.group()

    def _has(self, sign: str) -> bool:
        self._skip()
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def _take(self, sign: str, wanted: str) -> None:
        if not self._has(sign):
            self._refuse(wanted)

    def _skip(self) -> None:
        blank = _BLANK.match(self.text, self.at)
        self.at = blank.end() if blank else self.at

    def _done(self) -> bool:
        self._skip()
        return self.at == len(self.text)

    def _refuse(self, wanted: str, at: int | None = None) -> NoReturn:
        at = self.at if at is None else at
        rest = self.text[at : at + 12].strip()
        found = f"{rest!r}" if rest else "its end"
        shown = f"\n  {self.text}\n  {' ' * at}^\n" if self.text.strip() and "\n" not in self.text else " "
        raise GraphError(
            f"The pattern is not understood at place {at + 1}: here should be {wanted}, not {found}.{shown}".rstrip(
                " "
            ),
            f"A pattern looks like this: {EXAMPLE}",
        )
