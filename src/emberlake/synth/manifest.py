"""Which shop lies in a landing folder and how far it is: written before, during and after the work."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from emberlake.errors import SettingsError
from emberlake.synth.files import Written, replace_with
from emberlake.synth.plan import GENERATOR, Shop

NAME = "shop.json"


@dataclass(frozen=True)
class Manifest:
    """A shop and the files of it that are whole."""

    seed: int
    scale: float
    generator: int
    done: bool
    files: tuple[Written, ...]

    @classmethod
    def begin(cls, shop: Shop) -> Manifest:
        """That of a shop of which nothing is there yet."""
        return cls(shop.seed, shop.scale, GENERATOR, False, ())

    @classmethod
    def read(cls, landing: Path) -> Manifest | None:
        """The folder's manifest; None where no shop was begun.

        Raises:
            SettingsError: if it is not one.
        """
        path = landing / NAME
        if not path.exists():
            return None
        try:
            known = json.loads(path.read_text())
            files = tuple(Written(**file) for file in known.pop("files"))
            return cls(**known, files=files)
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            raise SettingsError(
                f"{path} does not describe a shop.", "Remove it with `emberlake clean`, or give another --root."
            ) from e

    def write(self, landing: Path) -> None:
        """Put this manifest in the folder, in one step."""
        known = {**vars(self), "files": [file.as_dict() for file in self.files]}
        replace_with(landing / NAME, lambda to: to.write_text(json.dumps(known)))

    def require(self, shop: Shop, landing: Path) -> None:
        """Refuse to mix shops.

        Raises:
            SettingsError: if the folder's shop has another seed or scale, or another version of emberlake made it.
        """
        if (self.seed, self.scale, self.generator) == (shop.seed, shop.scale, GENERATOR):
            return
        made = f"seed {self.seed} and scale {self.scale:g}"
        if self.generator != GENERATOR:
            made += f" by version {self.generator} of the generator (this one is {GENERATOR})"
        raise SettingsError(
            f"{landing} holds the shop of {made}, not of seed {shop.seed} and scale {shop.scale:g}.",
            "Give another --root, or remove that one with `emberlake clean`.",
        )

    def whole(self, landing: Path) -> tuple[Written, ...]:
        """The files that are there as they were written; of a file number, all or none."""
        there = {file for file in self.files if _size(landing / file.path) == file.bytes}
        broken = {file.file_no for file in self.files if file not in there}
        return tuple(file for file in self.files if file.file_no not in broken)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
