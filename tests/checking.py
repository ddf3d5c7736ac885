"""What the tests of every lesson's checks do with their lists of mistakes and of right answers."""

import pytest


def each_mistake(known):
    """Run a test once for each (check, function with the mistake, name of the mistake)."""
    ids = [f"{checked.__name__}-{name}" for checked, _, name in known]
    return pytest.mark.parametrize(("checked", "mistaken", "name"), known, ids=ids)


def each_right_answer(right):
    """Run a test once for each (check, right function)."""
    return pytest.mark.parametrize(("checked", "function"), right)


def assert_diagnosed(checked, mistaken, name):
    """The check rejects the function and names the mistake."""
    verdict = checked(mistaken)
    assert not verdict, verdict.message
    assert verdict.diagnosis == name, verdict.message


def assert_accepted(checked, function):
    """The check accepts the function, and returns what it said."""
    verdict = checked(function)
    assert verdict, verdict.message
    return verdict.message


def mistakes_known_to(checked):
    """Names of the mistakes that an exercise declares."""
    return {mistake.name for mistake in checked.mistakes}
