"""Somebody at the terminal whose answers are known beforehand."""

from __future__ import annotations

from federation.setup.talk import Talk
from schemas.texts.words import Language


class Scripted:
    """Answers one question after the other, and keeps what was asked and told."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.told: list[str] = []

    def talk(self, language: Language = Language.EN) -> Talk:
        return Talk(language, self._ask, self.told.append)

    def _ask(self, asked: str) -> str:
        self.asked.append(asked)
        return self.answers.pop(0)
