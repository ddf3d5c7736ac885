"""The rivals: four packages, and samplers as tutorials write them. Nothing here is ours, nothing here is a straw man.

Those of the packages move their own chains on and are built by `mcising`, `peapods`, `dwave` and `netket`, which raise
ModuleNotFoundError if the package is missing. All others move images (n_images, rows, cols) of +-1 on in place, under
``p(s) ~ exp(J B(s) + h S(s))``.
"""
# ruff: noqa: NPY002  (tutorials draw from numpy's global generator, so these do)

import numpy as np
from numba import njit

# ---------------------------------------------------------------- packages


def mcising(size, J, h, algorithm="metropolis"):
    """One lattice in Rust: Metropolis in order, or "wolff", where a sweep is a cluster.

    Returns ``advance(sweeps)``, which gives the energy a site.
    """
    from mcising import Algorithm, LatticeConfig, Simulation, SimulationConfig

    lattice = LatticeConfig(size=size, j1=J, h=h)
    simulation = Simulation(
        SimulationConfig(lattice=lattice, temperatures=(1.0,), n_sweeps=1, seed=1, algorithm=Algorithm(algorithm))
    )
    return lambda sweeps: simulation.sweep(sweeps, temperature=1.0)["energy"]


def peapods(size, J, measured=0.01):
    """One lattice: sequential heat bath in Rust, on one thread. Returns ``advance(sweeps)``; it knows no field.

    The package has no call that only moves on: energies are averaged over the last part of the sweeps, and returned,
    a site.
    """
    from peapods import Ising

    model = Ising((size, size), temperatures=np.array([1 / J]))
    options = {"sweep_mode": "gibbs", "sequential": True, "warmup_ratio": 1 - measured}
    # It reports + sum s_i s_j a site.
    return lambda sweeps: -J * float(model.sample(sweeps, **options)["energies"][0])


def dwave(J, h, states, rule):
    """Chains of coupled spins at beta = 1, one after the other, in C++; rule "Gibbs" (heat bath) or "Metropolis".

    Returns ``advance(sweeps)``, which gives the seconds that the package reports for its C++ routine alone.
    """
    import dimod
    from dwave.samplers import SimulatedAnnealingSampler

    # Its energy has the other sign.
    model = dimod.BinaryQuadraticModel.from_ising(dict(enumerate(-h)), {})
    model.add_quadratic_from_dense(-np.triu(J, 1))
    options = {"beta_schedule_type": "custom", "beta_schedule": [1.0], "proposal_acceptance_criteria": rule}
    spins = np.array(states, dtype=np.int8)

    def advance(sweeps):
        samples = SimulatedAnnealingSampler().sample(
            model, initial_states=(spins, range(len(h))), num_sweeps_per_beta=sweeps, **options
        )
        spins[:] = samples.record.sample
        return samples.info["timing"]["sampling_ns"] * 1e-9

    advance.spins = spins
    return advance


def netket(omega, steps, n_samples):
    """Two electrons in a plane: Gaussian and Jastrow factor, 256 chains, stochastic reconfiguration, and a measurement.

    Returns ``learn()``, which starts anew and gives the energy and its error.
    """
    import flax.linen as nn
    import jax.numpy as jnp
    import netket as nk
    import netket.experimental as nkx

    electrons = nkx.hilbert.Particle(N=2, geometry=nkx.geometry.FreeSpace(d=2))

    def distance(x):
        return jnp.sqrt(jnp.sum((x[..., :2] - x[..., 2:]) ** 2, axis=-1))

    def potential(x):
        return omega**2 * jnp.sum(x**2) / 2 + 1 / jnp.squeeze(distance(x))

    class State(nn.Module):
        @nn.compact
        def __call__(self, x):
            alpha = self.param("alpha", lambda key: jnp.array(1.0))
            beta = jnp.exp(self.param("log_beta", lambda key: jnp.log(0.5 * omega**0.5)))
            r = distance(x)
            return -alpha * omega * jnp.sum(x**2, axis=-1) / 2 + r / (1 + beta * r)

    energy = nk.operator.KineticEnergy(electrons, mass=1.0) + nk.operator.PotentialEnergy(electrons, potential)
    sampler = nk.sampler.MetropolisGaussian(electrons, sigma=0.6 / omega**0.5, n_chains=256, sweep_size=1)
    model = State()

    def learn():
        state = nk.vqs.MCState(sampler, model, n_samples=4096, n_discard_per_chain=4)
        rule = nk.optimizer.Sgd(0.2 / omega)
        nk.driver.VMC_SR(energy, rule, variational_state=state, diag_shift=1e-3).run(steps, show_progress=False)
        state.n_samples = -(-n_samples // 256) * 256
        found = state.expect(energy)
        return float(found.mean.real), float(found.error_of_mean)

    return learn


# ---------------------------------------------------------------- lattices, as in tutorials


@njit
def naive_numba(images, J, h, sweeps):
    """Metropolis, one spin picked at random after the other."""
    n_images, rows, cols = images.shape
    for k in range(n_images):
        image = images[k]
        for _ in range(sweeps * rows * cols):
            i, j = np.random.randint(0, rows), np.random.randint(0, cols)
            near = image[(i + 1) % rows, j] + image[i - 1, j] + image[i, (j + 1) % cols] + image[i, j - 1]
            cost = 2 * image[i, j] * (J * near + h)
            if cost <= 0 or np.random.random() < np.exp(-cost):
                image[i, j] = -image[i, j]


def numpy_checkerboard(images, J, h, sweeps):
    """Metropolis on all black sites of all images at once, then on all white ones; even sides."""
    white = np.add.outer(*map(np.arange, images.shape[1:])) % 2 == 1
    for _ in range(sweeps):
        for colour in (~white, white):
            near = sum(np.roll(images, step, axis) for step in (1, -1) for axis in (1, 2))
            cost = 2 * images * (J * near + h)
            images[(np.random.random(images.shape) < np.exp(-cost)) & colour] *= -1


@njit
def scalar_checkerboard(images, J, h, sweeps):
    """Metropolis on black, then white sites, with a table of the ten acceptance probabilities; even sides."""
    n_images, rows, cols = images.shape
    accept = np.empty((3, 9))
    for spin in (-1, 1):
        for near in range(-4, 5):
            accept[spin + 1, near + 4] = np.exp(-2 * spin * (J * near + h))
    for k in range(n_images):
        image = images[k]
        for _ in range(sweeps):
            for colour in range(2):
                for i in range(rows):
                    above, below = image[i - 1], image[i + 1 if i + 1 < rows else 0]
                    for j in range((i + colour) % 2, cols, 2):
                        near = above[j] + below[j] + image[i, j - 1] + image[i, j + 1 if j + 1 < cols else 0]
                        probability = accept[image[i, j] + 1, near + 4]
                        if probability >= 1 or np.random.random() < probability:
                            image[i, j] = -image[i, j]


# ---------------------------------------------------------------- the blog that the course starts from


def blog_experiment(J, h, sweeps):
    """One chain of Metropolis at random sites in plain numpy, a copy a sweep; mean, correlation and all states."""
    n = len(h)
    spins, correlation, states = 2 * np.random.randint(0, 2, n) - 1, np.zeros((n, n)), []
    for _ in range(sweeps):
        spins = _blog_sweep(spins, J, h)
        correlation += np.outer(spins, spins)
        states.append(spins)
    return np.mean(states, axis=0), correlation / sweeps, states


def _blog_sweep(spins, J, h):
    spins = spins.copy()
    for _ in range(len(spins)):
        site = np.random.randint(0, len(spins))
        if np.random.uniform(0, 1) < np.exp(-_blog_cost(site, spins, J, h)):
            spins[site] *= -1
    return spins


def _blog_cost(site, spins, J, h):
    return 2 * spins[site] * (np.dot(J[site, :], spins) + h[site])


# ---------------------------------------------------------------- Hopfield networks


def numpy_recall(W, cues):
    """Recall as tutorials write it: one spin at a time in random order, until a sweep changes nothing.

    Returns the states (n_cues, N).
    """
    states = np.array(cues, dtype=float)
    for state in states:
        changed = True
        while changed:
            changed = False
            for i in np.random.permutation(len(state)):
                new = 1.0 if W[i] @ state >= 0 else -1.0
                if new != state[i]:
                    state[i], changed = new, True
    return states
