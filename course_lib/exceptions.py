"""What the exceptions of the library share: they travel whole, to another process and back, with all they carry."""

import copyreg


class Picklable:
    """For exceptions whose ``__init__`` takes findings instead of a message; put it before the exception's type.

    To pickle or copy an exception Python calls its class with the message. If ``__init__`` takes other arguments that
    fails, and a ``multiprocessing.Pool`` whose worker raised it waits for ever. With this class ``__init__`` is not
    called again: message and attributes are put back as they were.

    Examples
    --------
    >>> import pickle
    >>> from course_lib.diagnostics import ChainTooShort
    >>> pickle.loads(pickle.dumps(ChainTooShort(tau=3.0, n_draws=10))).tau
    3.0
    """

    def __reduce__(self):
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__
