"""The rivals in learning: two packages, and the learning loop of the blog. Nothing here is ours.

Those of the packages take spins (n_samples, N) and return parameters packed as those of `course_lib.ising.Ising`; they
raise ModuleNotFoundError if the package is missing.
"""
# ruff: noqa: NPY002  (the blog draws from numpy's global generator, so its loop does)

import numpy as np

from benchmarks.peers import blog_experiment

# ---------------------------------------------------------------- packages


def logistic_regressions(spins, l2=0.0):
    """Pseudo-likelihood by scikit-learn: each spin regressed on all others, and the two answers for a pair averaged."""
    from sklearn.linear_model import LogisticRegression

    n_samples, n = spins.shape
    # Its penalty is |w|^2 / 2 against C times the sum over the samples. The default solver stops early near certainty.
    C = 1 / (n_samples * l2) if l2 else np.inf
    regression = LogisticRegression(C=C, solver="newton-cholesky", fit_intercept=False)
    J = np.zeros((n, n))
    for i in range(n):
        # log p(up) - log p(down) is twice the local field; the field h_i has the place of the spin itself.
        conditions = 2.0 * spins
        conditions[:, i] = 2.0
        J[i] = regression.fit(conditions, spins[:, i]).coef_[0]
    return packed(J, J.diagonal())


def bernoulli_rbm(units, n_hidden, rate, epochs):
    """Biases and weights (a, b, W) of scikit-learn's machine, which takes plain steps with persistent chains."""
    from sklearn.neural_network import BernoulliRBM

    machine = BernoulliRBM(n_hidden, learning_rate=rate, batch_size=100, n_iter=epochs, random_state=1).fit(units)
    return machine.intercept_visible_, machine.intercept_hidden_, machine.components_.T


def adabmdca(spins, rng, *, learning_rate=0.5, steps=300):
    """Boltzmann learning by adabmDCA: a Potts model of two colours, with 10 000 chains and 10 sweeps a step as usual.

    For 5 spins a learning rate of 1 is unstable; its own, 0.01, with its own target, a correlation of 0.95, stops far
    away, and a higher target is met by chance.
    """
    import torch
    from adabmDCA.sampling import prepare_training_sampler
    from adabmDCA.training import train_graph
    from adabmDCA.utils import init_chains, init_parameters

    torch.manual_seed(int(rng.integers(2**31)))
    n, cpu = spins.shape[1], torch.device("cpu")
    colours = torch.tensor(np.stack([spins < 0, spins > 0], axis=-1), dtype=torch.float32)
    single, flat = colours.mean(0), colours.reshape(len(spins), -1)
    pairs = (flat.T @ flat / len(spins)).reshape(n, 2, n, 2)
    mask = torch.ones((n, 2, n, 2), dtype=torch.bool)
    mask[torch.arange(n), :, torch.arange(n), :] = False
    _, potts, *_ = train_graph(
        prepare_training_sampler("gibbs", cpu, "float32"),
        init_chains(num_chains=10_000, L=n, q=2, fi=single, device=cpu, dtype=torch.float32),
        mask,
        single,
        pairs,
        init_parameters(fi=single),
        nsweeps=10,
        lr=learning_rate,
        max_epochs=steps,
        target_pearson=1.0,  # never
    )
    return ising_of_potts(potts["bias"].numpy(), potts["coupling_matrix"].numpy())


def ising_of_potts(fields, couplings):
    """Parameters of the spins whose Potts model has fields (N, 2) and couplings (N, 2, N, 2); colour 1 is up.

    A function of two spins is a constant, a field on each, and a coupling: J is the part that changes sign with both.
    """
    spin = np.array([-1, 1])
    J = np.einsum("iajb,a,b->ij", couplings, spin, spin) / 4
    return packed(J, fields @ spin / 2 + np.einsum("iajb,a->i", couplings, spin) / 4)


def packed(J, h):
    i, j = np.triu_indices(len(h), 1)
    return np.concatenate([(J[i, j] + J[j, i]) / 2, h])


# ---------------------------------------------------------------- the blog that the course starts from


def blog_start(n):
    """Random couplings and fields, as the blog draws them."""
    J = np.random.normal(0, 1 / n, (n, n))
    J = (J + J.T) / 2
    np.fill_diagonal(J, 0)
    return J, np.random.normal(0, 1, n)


def blog_learning(J, h, mean, correlation, experiment=None, eta=0.1):
    """Plain steps towards the mean spins and correlations of data; yields J and h after each.

    ``experiment(J, h)`` gives those of the model; that of the blog is one chain of 10 000 sweeps.
    """
    experiment = experiment or (lambda J, h: blog_experiment(J, h, 10_000)[:2])
    while True:
        model_mean, model_correlation = experiment(J, h)
        h = h + eta * (mean - model_mean)
        J = J + eta * (correlation - model_correlation)
        np.fill_diagonal(J, 0)
        yield J, h
