"""What a benchmark gives: a ratio against the limit beside it, on the same machine, in the same run (design §8)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    name: str
    ratio: float
    aim: float
    at_least: bool = True  # False: the ratio must stay below the aim
    detail: str = ""

    @property
    def met(self) -> bool:
        return self.ratio >= self.aim if self.at_least else self.ratio <= self.aim

    def line(self) -> str:
        sign = "≥" if self.at_least else "≤"
        verdict = "ok" if self.met else "MISSED"
        return f"{self.name:<46} {self.ratio:>8.2f}  {sign} {self.aim:<6g} {verdict:<7} {self.detail}"
