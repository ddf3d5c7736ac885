"""Learning from the Ising model: the library under the lessons.

Read :mod:`course_lib.ising` first: one energy, one protocol, and everything else is built on them.
"""
