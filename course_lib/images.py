"""Pictures as +-1 spins: read from a file, cut to black and white, and back.

A pixel that is bright becomes +1, a dark one -1. Some texts count pixels as x = 0 or 1 instead. A lattice model with
J01 a bond and h01 a site in those units is the same model as J = J01 / 4, h = h01 / 2 + J01 for spins: each pixel has
four bonds, and `ising.from_binary` says where the factors come from.
"""

import os
import re
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from course_lib.inputs import check_count, check_images, check_number, check_side, to_spins

# Beside the library: the course runs from its folder, see the README.
_DATA = Path(__file__).parents[1] / "data"
_SETS = ("photographs", "letters", "lattices")
_OTHER_FORMAT = "save it as PNG or JPEG and try again"


# ---------------------------------------------------------------- from a file


def load_grey(path, size):
    """The middle of a picture in shades of grey, 0 for black to 1 for white.

    The largest square in the middle is kept and cut into size x size cells; each becomes the mean of the pixels whose
    middle lies in it.
    Colours count by their luminance, 0.299 red + 0.587 green + 0.114 blue. What is transparent is seen on white
    paper. A photograph that was taken with the camera turned is set upright.

    Parameters
    ----------
    path : str, Path, or open binary file
        Any picture that Pillow reads. Of an animation the first picture is taken.
    size : int
        Side of the result, at least 2 and at most the shorter side of the picture.

    Returns
    -------
    array of float, shape (size, size)

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no picture, damaged, too large to open safely, or smaller than ``size``.

    Warns
    -----
    UserWarning
        If the file holds several pictures.

    Examples
    --------
    >>> grey = load_grey(picture_sets()["photographs"]["camera"], 32)
    >>> grey.shape, bool(np.all((grey >= 0) & (grey <= 1)))
    ((32, 32), True)
    """
    size, name = check_side(size), _name(path)
    picture = _read(path, name)
    shortest = min(picture.size)
    if size > shortest:
        raise ValueError(
            f"size {size} is too large: {name} is {picture.width} x {picture.height} pixels, and a pixel would have to "
            f"be split; pass at most {shortest}"
        )
    left, top = (picture.width - shortest) // 2, (picture.height - shortest) // 2
    grey, white = _in_grey(picture.crop((left, top, left + shortest, top + shortest)), name)
    return np.asarray(grey.resize((size, size), Image.Resampling.BOX), float) / white


def load_spins(path, size, threshold="otsu"):
    """The middle of a picture as spins: +1 where it is brighter than a threshold, else -1.

    Parameters
    ----------
    path : str, Path, or open binary file
        Any picture that Pillow reads.
    size : int
        Side of the result; how it is cut and averaged, `load_grey` says.
    threshold : {"otsu", "median"} or float
        "otsu" parts the pixels into the two groups whose means differ most, for their sizes (Otsu, IEEE Trans. Syst.
        Man Cybern. 9, 62, 1979). "median" makes half of the pixels bright, or a few less where many are equal. A
        number is the grey above which a pixel is bright: 0 is black, 1 is white.

    Returns
    -------
    array of int8, shape (size, size)

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        As `load_grey`; or if the threshold is none of these, or finds nothing to part: a picture of one grey.

    Warns
    -----
    UserWarning
        If the file holds several pictures.

    Examples
    --------
    >>> spins = load_spins(picture_sets()["photographs"]["grass"], 32, threshold="median")
    >>> spins.shape, spins.dtype, int(spins.sum())
    ((32, 32), dtype('int8'), -2)
    """
    if isinstance(threshold, str) and threshold in ("otsu", "median"):
        grey = load_grey(path, size)
        cut = _cut(grey, threshold, _name(path))
    else:
        cut = _check_cut(threshold)
        grey = load_grey(path, size)
    return np.where(grey > cut, 1, -1).astype(np.int8)


def _name(path):
    """What to call the picture in a sentence."""
    if isinstance(path, str | os.PathLike):
        return Path(path).name or str(path)
    if hasattr(path, "read"):
        return "the file"
    raise ValueError(f"a picture is read from a path or an open file, got one of type {type(path).__name__}")


def _read(path, name):
    """The picture, upright; pictures of enormous size are told before they fill the memory."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                several = getattr(opened, "is_animated", False)
                picture = ImageOps.exif_transpose(opened)
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no file {path}: look for it from the folder {Path.cwd()}") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise ValueError(
            f"{name} has more than {Image.MAX_IMAGE_PIXELS / 1e6:.0f} million pixels, too many to be opened safely: "
            "make it smaller first"
        ) from None
    except IsADirectoryError:
        raise ValueError(f"{name} is a folder: pass the path of one picture in it") from None
    except Exception as error:  # the readers of Pillow raise nearly anything on a damaged file
        raise ValueError(f"{name} is no picture that can be read ({_first_line(error)}): {_OTHER_FORMAT}") from None
    if several:
        warnings.warn(f"{name} holds several pictures, as an animation does: the first is taken", stacklevel=4)
    return picture


def _first_line(error):
    return (str(error).splitlines() or [type(error).__name__])[0][:80]


def _in_grey(picture, name):
    """The luminance as a float picture, and the number that means white in it."""
    if picture.mode in ("F", "I") or picture.mode.startswith("I;16"):
        grey = np.asarray(picture, np.float32)
        # PNG and PGM hold 16 bits; for TIFFs of 32 bits, whole or broken numbers, nobody has agreed on a white.
        if picture.mode == "F" or grey.min() < 0 or grey.max() > 65535:
            raise ValueError(
                f"{name} holds numbers of 32 bits, and it is not known which of them is white: save it with 8 or 16 "
                "bits a pixel, or cut the numbers yourself, inputs.to_spins(x > np.median(x))"
            )
        return Image.fromarray(grey), 65535
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    if picture.mode not in ("1", "L", "RGB"):
        picture = picture.convert("RGB")
    return picture.convert("L").convert("F"), 255


def _check_cut(threshold):
    if isinstance(threshold, str) or isinstance(threshold, bool | np.bool_):
        raise ValueError(
            f'threshold must be "otsu", "median" or a number from 0 (black) to 1 (white), got {threshold!r}'
        )
    cut = check_number("threshold", threshold)
    if not 0 <= cut <= 1:
        raise ValueError(
            f"threshold must lie between 0 (black) and 1 (white), got {cut:g}: divide a grey level of 0 to 255 by 255"
        )
    return cut


def _cut(grey, threshold, name):
    """The grey at Otsu's threshold or at the median, after checking that it parts the picture."""
    darkest, brightest = grey.min(), grey.max()
    if darkest == brightest:
        raise ValueError(f"{name} is flat, every pixel has the grey {darkest:.3g}: there is no threshold to find in it")
    if threshold == "otsu":
        return _otsu(grey)
    median = np.median(grey)
    if median == brightest:
        raise ValueError(
            f"half of {name} or more has the brightest grey, {median:.3g}, and no pixel is brighter than this median: "
            'use threshold="otsu"'
        )
    return median


def _otsu(grey):
    """The highest grey of the darker group, for the cut with the largest variance between the two groups."""
    values, times = np.unique(grey, return_counts=True)
    dark, summed = np.cumsum(times)[:-1], np.cumsum(values * times)[:-1]
    bright, total = grey.size - dark, np.sum(values * times)
    return values[np.argmax(dark * bright * (summed / dark - (total - summed) / bright) ** 2)]


# ---------------------------------------------------------------- and back


def to_image(spins):
    """Spins as a black and white picture, one pixel a spin: +1 is white.

    Parameters
    ----------
    spins : array, shape (rows, cols)
        Anything that `inputs.to_spins` takes: +-1, or pixels of 0 and 1.

    Returns
    -------
    PIL.Image.Image
        Of mode "1"; ``to_image(spins).resize((256, 256))`` shows it larger, with sharp pixels.

    Raises
    ------
    ValueError
        If the values are not two, or not in rows and columns.

    Examples
    --------
    >>> picture = to_image([[1, -1, 1], [-1, 1, 1]])
    >>> picture.size, picture.getpixel((1, 0)), picture.getpixel((2, 0))
    ((3, 2), 0, 255)
    """
    return Image.fromarray(_one_picture(spins) > 0)


def to_hex(spins):
    """Spins as a short text: the shape, and the pixels in hexadecimal digits, four a digit.

    Row by row from the top left, +1 is the bit 1, and the last digit is filled up with zeros. A picture of 32 x 32
    takes 263 characters, so that it can travel inside a notebook.

    Parameters
    ----------
    spins : array, shape (rows, cols)
        Anything that `inputs.to_spins` takes: +-1, or pixels of 0 and 1.

    Returns
    -------
    str
        ``"[<rows>x<cols>]<digits>"``.

    Raises
    ------
    ValueError
        If the values are not two, or not in rows and columns.

    Examples
    --------
    >>> to_hex([[1, -1, 1], [-1, 1, 1]])
    '[2x3]ac'
    """
    spins = _one_picture(spins)
    digits = np.packbits(spins > 0).tobytes().hex()[: -(-spins.size // 4)]
    return f"[{spins.shape[0]}x{spins.shape[1]}]{digits}"


def from_hex(text):
    """The spins that `to_hex` wrote down.

    Parameters
    ----------
    text : str
        Line breaks and blanks in it do not count.

    Returns
    -------
    array of int8, shape (rows, cols)

    Raises
    ------
    ValueError
        If the text is none of `to_hex`, or digits are lost or added: the shape says how many there must be.

    Examples
    --------
    >>> from_hex("[2x3]ac")
    array([[ 1, -1,  1],
           [-1,  1,  1]], dtype=int8)
    >>> from_hex("[2x3]a")
    Traceback (most recent call last):
    ...
    ValueError: a picture of 2 x 3 spins has 2 hexadecimal digits after the shape, got 1: the text was cut or added \
to, copy the whole of what to_hex gave
    """
    if not isinstance(text, str):
        raise ValueError(f"a picture in hexadecimal digits is a text, as to_hex gives it, got {type(text).__name__}")
    text = "".join(text.split())
    found = re.fullmatch(r"\[(\d{1,6})x(\d{1,6})\]([0-9a-f]*)", text, re.ASCII | re.IGNORECASE)
    if not found:
        shown = text if len(text) <= 24 else f"{text[:21]}..."
        raise ValueError(
            "a picture in hexadecimal digits looks like '[2x3]ac', rows x cols in brackets, then digits from 0 to f; "
            f"got '{shown}': copy the whole of what to_hex gave"
        )
    rows, cols, digits = check_side(int(found[1])), check_side(int(found[2])), found[3]
    expected, spare = -(-rows * cols // 4), -rows * cols % 4
    if len(digits) != expected:
        raise ValueError(
            f"a picture of {rows} x {cols} spins has {expected} hexadecimal digits after the shape, got {len(digits)}: "
            "the text was cut or added to, copy the whole of what to_hex gave"
        )
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(digits + "0" * (expected % 2)), np.uint8))[: 4 * expected]
    if np.any(bits[rows * cols :]):
        raise ValueError(
            f"the last digit of a picture of {rows} x {cols} spins ends in {spare} zero bits, got {digits[-1]}: the "
            "text was changed, copy the whole of what to_hex gave"
        )
    return np.where(bits[: rows * cols].reshape(rows, cols), 1, -1).astype(np.int8)


def _one_picture(spins):
    """One picture of +-1, whichever way it was given."""
    spins = check_images(to_spins(spins))
    if spins.ndim != 2:
        raise ValueError(f"one picture at a time, shape (rows, cols), got {spins.shape}: pass one of them, images[0]")
    return spins


# ---------------------------------------------------------------- pictures of the course


def picture_sets():
    """The pictures that come with the course: where each file lies, by set and name.

    "photographs" holds photographs and textures in grey, "letters" the capital letters, "lattices" pictures drawn from
    the model, which stay what they are at size 32 alone. What each is, from where, and under which licence, the cards
    say: ``data/photographs.md`` and so on.

    Returns
    -------
    dict of dict
        Set -> name -> pathlib.Path, in alphabetical order.

    Raises
    ------
    FileNotFoundError
        If the folder ``data`` is not beside the library.

    Examples
    --------
    >>> sets = picture_sets()
    >>> list(sets), sets["letters"]["A"].name
    (['photographs', 'letters', 'lattices'], 'A.png')
    """
    sets = {name: {path.stem: path for path in sorted((_DATA / name).glob("*.png"))} for name in _SETS}
    if not all(sets.values()):
        raise FileNotFoundError(
            f"the pictures of the course are not in {_DATA}: the library was taken out of the course's folder; install "
            "it from there as the README says"
        )
    return sets


def half_up_pictures(size=24) -> dict:
    """Four pictures with exactly half of their spins up: two halves, patches, noise, checkerboard.

    Parameters
    ----------
    size : int
        Side; even.

    Returns
    -------
    dict
        Name -> array of +-1, shape (size, size).

    Examples
    --------
    >>> {name: int(picture.sum()) for name, picture in half_up_pictures().items()}
    {'two halves': 0, 'patches': 0, 'noise': 0, 'checkerboard': 0}
    """
    size = 2 * check_count("half the size", check_number("size", size) / 2, 1)
    rng = np.random.default_rng(1)
    row, col = np.indices((size, size))
    # Patches: noise with its short waves damped, cut at the median.
    wave = np.fft.fftfreq(size) * size
    damping = np.exp(-(wave[:, None] ** 2 + wave**2) / 40)
    smooth = np.fft.ifft2(np.fft.fft2(rng.normal(size=(size, size))) * damping).real
    checkerboard = 1 - 2 * ((row + col) % 2)
    return {
        "two halves": np.where(col < size // 2, 1, -1),
        "patches": np.where(smooth > np.median(smooth), 1, -1),
        "noise": rng.permutation(checkerboard.ravel()).reshape(size, size),
        "checkerboard": checkerboard,
    }


def bars_and_stripes(size=4):
    """All pictures of full rows, and all of full columns: each once, none of both kinds twice.

    A classic test of hidden units (MacKay, Information Theory, Inference, and Learning Algorithms, 2003, chapter 43).

    Parameters
    ----------
    size : int
        Side, from 1 to 10.

    Returns
    -------
    array of 0 and 1, shape (2**(size + 1) - 2, size, size), int8
        The empty and the full picture are of both kinds.

    Raises
    ------
    ValueError
        If size is out of range.

    Examples
    --------
    >>> bars_and_stripes(2).reshape(-1, 4).tolist()
    [[0, 0, 0, 0], [0, 0, 1, 1], [0, 1, 0, 1], [1, 0, 1, 0], [1, 1, 0, 0], [1, 1, 1, 1]]
    """
    size = check_count("size", size, 1)
    if size > 10:
        raise ValueError(f"size must be 10 at most, got {size}: there are 2^(size + 1) - 2 pictures")
    full = (np.arange(2**size)[:, None] >> np.arange(size)).astype(np.int8) & 1
    rows = np.repeat(full[:, :, None], size, axis=2)
    pictures = np.concatenate([rows, rows.transpose(0, 2, 1)]).reshape(-1, size * size)
    return np.unique(pictures, axis=0).reshape(-1, size, size)
