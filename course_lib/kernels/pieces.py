"""Long work in pieces: a call into compiled code cannot be stopped, so Python answers Ctrl-C between two of them.

A piece takes a tenth of a second on the computer where the constants were measured, which leaves room for slow ones.
"""


def of_chains(n_chains, n_steps, at_a_time):
    """Chains one after the other, in the order of one call: several with all their steps, or one with some of them.

    Of each piece the first chain and the one after the last, the first step and the one after the last; all chains
    together make no more than ``at_a_time`` steps, unless one step is more.
    """
    if n_chains * n_steps <= at_a_time:  # short calls are not to pay
        return [(0, n_chains, 0, n_steps)]
    return _several(n_chains, n_steps, max(1, at_a_time))


def _several(n_chains, n_steps, at_a_time):
    """One at a time, since there may be very many."""
    chains = max(1, at_a_time // max(1, n_steps))
    for first in range(0, n_chains, chains):
        for done in range(0, n_steps, at_a_time):
            yield first, min(first + chains, n_chains), done, min(done + at_a_time, n_steps)


def shares(n, n_shares):
    """The ends of so many equal shares of n things, from 0 to n; fewer shares if there are not enough things."""
    n_shares = min(n_shares, n)
    if n_shares < 2:
        return [0, n]
    return [n * k // n_shares for k in range(n_shares + 1)]
