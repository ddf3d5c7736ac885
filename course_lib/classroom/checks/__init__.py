"""Checks that diagnose: they try a student's function on small systems and say which mistake fits.

A check prints one line, returns a `Verdict`, never raises for a wrong answer, and stops Python code that
runs longer than two seconds. Each lesson has a module here, ``lesson_01`` and so on, with one `Exercise` a check.
"""

from course_lib.classroom.checks.answers import AnswerError, Case, Seed, agree, answers_of, as_numbers
from course_lib.classroom.checks.exercise import Exercise, Mistake
from course_lib.classroom.checks.time_limit import TIME_LIMIT, TimeLimitReached, within
from course_lib.classroom.checks.verdict import Verdict, say

__all__ = [
    "TIME_LIMIT",
    "AnswerError",
    "Case",
    "Exercise",
    "Mistake",
    "Seed",
    "TimeLimitReached",
    "Verdict",
    "agree",
    "answers_of",
    "as_numbers",
    "say",
    "within",
]
