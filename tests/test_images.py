"""Pictures: read from files of every kind, cut, written as text and back; and those that come with the course."""

import csv
import hashlib
import io
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image

import course_lib
from course_lib import images, ising, learning

DATA = Path(__file__).parents[1] / "data"
SETS = images.picture_sets()

# 8 x 8 with no symmetry, so that every way of turning it is seen; four greys.
PATTERN = np.array([[0, 85, 170, 255], [255, 255, 0, 85], [0, 170, 170, 0], [85, 255, 0, 0]], np.uint8)
PATTERN = PATTERN.repeat(2, axis=0).repeat(2, axis=1)
CUT = 0.5  # between the second and the third grey
EXPECTED = np.where(PATTERN > 127, 1, -1)


def saved(picture, kind="PNG", **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return io.BytesIO(file.getvalue())


def script(name):
    """What a script of data/ defines."""
    return runpy.run_path(DATA / f"{name}.py")


# ---------------------------------------------------------------- every kind of file

GREY = Image.fromarray(PATTERN)
SIXTEEN = Image.fromarray(PATTERN.astype(np.uint16) * 257)


def with_alpha(mode):
    """White where the alpha channel is 0, whatever lies below."""
    below = np.where(PATTERN == 255, 0, PATTERN).astype(np.uint8)
    alpha = Image.fromarray(np.where(PATTERN == 255, 0, 255).astype(np.uint8))
    picture = Image.fromarray(below).convert("RGB" if mode == "RGBA" else "L")
    picture.putalpha(alpha)
    return picture.convert(mode)


def palette_with_a_transparent_colour():
    """The brightest entry is black in the palette, but transparent."""
    picture = Image.fromarray(PATTERN // 85)
    picture = picture.convert("P")
    picture.putdata((PATTERN // 85).ravel().tolist())
    picture.putpalette([k for grey in (0, 85, 170, 0) for k in (grey,) * 3])
    picture.info["transparency"] = 3
    return picture


FILES = {
    "L, PNG": saved(GREY),
    "L, TIFF": saved(GREY, "TIFF"),
    "L, BMP": saved(GREY, "BMP"),
    "RGB, PNG": saved(GREY.convert("RGB")),
    "RGB, WebP": saved(GREY.convert("RGB"), "WEBP", lossless=True),
    "RGB, JPEG": saved(GREY.convert("RGB"), "JPEG", quality=95, subsampling=0),
    "CMYK, TIFF": saved(GREY.convert("RGB").convert("CMYK"), "TIFF"),
    "CMYK, JPEG": saved(GREY.convert("RGB").convert("CMYK"), "JPEG", quality=95, subsampling=0),
    "P, PNG": saved(GREY.convert("RGB").quantize(4)),
    "P with transparency, PNG": saved(palette_with_a_transparent_colour(), transparency=3),
    "P, GIF": saved(GREY.convert("RGB").quantize(4), "GIF"),
    "LA, PNG": saved(with_alpha("LA")),
    "RGBA, PNG": saved(with_alpha("RGBA")),
    "RGBA, WebP": saved(with_alpha("RGBA"), "WEBP", lossless=True),
    "I;16, PNG": saved(SIXTEEN),
    "I;16, TIFF": saved(SIXTEEN, "TIFF"),
    "I, PGM": saved(SIXTEEN, "PPM"),
    "YCbCr, TIFF": saved(GREY.convert("RGB").convert("YCbCr"), "TIFF"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_of_every_kind(kind):
    FILES[kind].seek(0)
    mode = Image.open(FILES[kind]).mode
    assert mode == kind.split(",")[0].split()[0], "the file is not of the kind that is to be tested"
    FILES[kind].seek(0)
    spins = images.load_spins(FILES[kind], 8, threshold=CUT)
    assert spins.dtype == np.int8 and np.array_equal(spins, EXPECTED)


def test_one_bit():
    spins = images.load_spins(saved(Image.fromarray(PATTERN > 127)), 8)
    assert np.array_equal(spins, EXPECTED)


@pytest.mark.parametrize("mode", ["PA", "LAB", "HSV", "I;16B", "RGBX", "RGBa"])
def test_modes_that_few_files_have(mode, monkeypatch):
    # Readers of rare formats hand these over; no common format writes them.
    if mode == "I;16B":
        picture = Image.frombytes(mode, (8, 8), (PATTERN.astype(">u2") * 257).astype(">u2").tobytes())
    elif mode == "PA":
        picture = GREY.convert("RGB").quantize(4).convert("PA")
    elif mode == "LAB":
        picture = Image.merge("LAB", [GREY, *[Image.new("L", (8, 8), 128)] * 2])
    else:
        picture = GREY.convert("RGB" if mode != "RGBa" else "RGBA").convert(mode)
    assert picture.mode == mode
    monkeypatch.setattr(Image, "open", lambda path: picture)
    assert np.array_equal(images.load_spins("rare", 8, threshold=CUT), EXPECTED)


def test_the_greys_of_16_bits_are_not_cut_to_8():
    steps = (np.arange(64).reshape(8, 8) * 3 + 30000).astype(np.uint16)
    assert np.allclose(images.load_grey(saved(Image.fromarray(steps)), 8), steps / 65535, atol=1e-6)
    assert np.array_equal(images.load_spins(saved(Image.fromarray(steps)), 8, "median") > 0, steps > np.median(steps))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_camera(orientation):
    """The eight ways of the EXIF standard: what is stored is undone to what was seen."""
    undo = Image.Transpose
    ways = {
        2: undo.FLIP_LEFT_RIGHT,
        3: undo.ROTATE_180,
        4: undo.FLIP_TOP_BOTTOM,
        5: undo.TRANSPOSE,
        6: undo.ROTATE_90,  # stored turned to the left, shown turned to the right
        7: undo.TRANSVERSE,
        8: undo.ROTATE_270,
    }
    stored = GREY.transpose(ways[orientation]) if orientation > 1 else GREY
    exif = Image.Exif()
    exif[0x0112] = orientation
    for kind in ("JPEG", "PNG", "WEBP"):
        options = {"quality": 95} if kind == "JPEG" else {"lossless": True} if kind == "WEBP" else {}
        assert np.array_equal(images.load_spins(saved(stored, kind, exif=exif, **options), 8, CUT), EXPECTED), kind


def test_of_an_animation_the_first_picture_is_taken_and_said():
    frames = [Image.fromarray(255 - PATTERN)] * 2
    file = saved(GREY, "GIF", save_all=True, append_images=frames)
    with pytest.warns(UserWarning, match="holds several pictures, as an animation does: the first is taken"):
        assert np.array_equal(images.load_spins(file, 8, CUT), EXPECTED)


def test_a_file_is_closed(tmp_path, recwarn):
    GREY.save(tmp_path / "grey.gif")
    images.load_grey(tmp_path / "grey.gif", 8)
    os.remove(tmp_path / "grey.gif")
    assert not [warning for warning in recwarn if issubclass(warning.category, ResourceWarning)]


# ---------------------------------------------------------------- grey, crop, average


def test_colours_count_by_luminance():
    colours = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], np.uint8)
    grey = images.load_grey(saved(Image.fromarray(colours)), 2)
    assert np.allclose(grey, [[0.299, 0.587], [0.114, 1]], atol=0.5 / 255)


@pytest.mark.parametrize("shape", [(8, 20), (20, 8), (8, 21), (8, 8)])
def test_the_largest_square_in_the_middle_is_kept(shape):
    grey = np.zeros(shape, np.uint8)
    top, left = (shape[0] - 8) // 2, (shape[1] - 8) // 2
    grey[top : top + 8, left : left + 8] = PATTERN
    assert np.array_equal(images.load_spins(saved(Image.fromarray(grey)), 8, CUT), EXPECTED)


def test_each_cell_is_the_mean_of_its_pixels():
    fine = np.random.default_rng(1).integers(0, 256, (24, 24)).astype(np.uint8)
    means = fine.reshape(8, 3, 8, 3).mean(axis=(1, 3))
    assert np.allclose(images.load_grey(saved(Image.fromarray(fine)), 8), means / 255, atol=0.01 / 255)


@pytest.mark.parametrize("size", [5, 7, 20, 29])
def test_pixels_on_an_edge_belong_to_the_cell_that_holds_their_middle(size):
    fine = np.random.default_rng(2).integers(0, 256, (30, 30)).astype(np.uint8)
    cell = 30 / size
    middle = (np.arange(30) + 0.5) / cell
    holds = [(middle > k + 1e-9) & (middle <= k + 1 + 1e-9) for k in range(size)]
    means = [[fine[np.ix_(rows, cols)].mean() for cols in holds] for rows in holds]
    assert np.allclose(images.load_grey(saved(Image.fromarray(fine)), size), np.array(means) / 255, atol=0.01 / 255)


# ---------------------------------------------------------------- thresholds

# skimage.filters.threshold_otsu (scikit-image 0.26.0) of these pictures at 128 x 128: bright is what lies above.
OTSU = {"camera": 103, "coffee": 105, "grass": 115, "retina": 60, "galaxies": 67, "china": 144, "clock": 173}


@pytest.mark.parametrize("name", OTSU)
def test_otsu_is_that_of_scikit_image(name):
    grey = np.asarray(Image.open(SETS["photographs"][name]))
    assert np.array_equal(images.load_spins(SETS["photographs"][name], 128) > 0, grey > OTSU[name])


@given(npst.arrays(np.uint8, (4, 4)).filter(lambda grey: np.ptp(grey) > 0))
def test_otsu_has_the_largest_variance_between_the_groups(grey):
    def between(bright):
        share = bright.mean()
        return share * (1 - share) * (grey[bright].mean() - grey[~bright].mean()) ** 2

    spins = images.load_spins(saved(Image.fromarray(grey)), 4)
    assert 0 < (spins > 0).sum() < 16 and grey[spins > 0].min() > grey[spins < 0].max()
    best = max(between(grey > level) for level in np.unique(grey)[:-1])
    assert between(spins > 0) == pytest.approx(best, rel=1e-9)


@given(npst.arrays(np.uint8, (4, 4)))
def test_the_median_makes_half_of_the_pixels_bright_at_most(grey):
    file = saved(Image.fromarray(grey))
    if np.median(grey) == grey.max():
        with pytest.raises(ValueError, match=r"is flat|brightest grey"):
            images.load_spins(file, 4, "median")
    else:
        spins = images.load_spins(file, 4, "median")
        assert np.array_equal(spins > 0, grey > np.median(grey)) and 0 < (spins > 0).sum() <= 8


def test_a_fixed_threshold():
    file = saved(GREY)
    assert [int((images.load_spins(file, 8, cut) > 0).sum()) for cut in (0, 0.4, 0.9, 1)] == [
        int((PATTERN > 255 * cut).sum()) for cut in (0, 0.4, 0.9, 1)
    ]


@pytest.mark.parametrize("level", [0, 37, 133, 255])
@pytest.mark.parametrize("threshold", ["otsu", "median"])
def test_a_flat_picture_is_told_at_every_size(level, threshold):
    """Averages over broken pixels differ by round-off; that is no picture."""
    file = saved(Image.new("L", (47, 47), level))
    for size in range(2, 48):
        with pytest.raises(ValueError, match=r"the file is flat, every pixel has the grey .*: there is no threshold"):
            images.load_spins(file, size, threshold)


# ---------------------------------------------------------------- what cannot be

FLOATS = np.linspace(-3, 7, 64, dtype=np.float32).reshape(8, 8)
REFUSED = {
    "too large": (saved(GREY), 9, r"size 9 is too large: the file is 8 x 8 pixels.*pass at most 8"),
    "side 1": (saved(GREY), 1, "sides of at least 2, got side 1"),
    "size NaN": (saved(GREY), np.nan, "sides of at least 2, got side nan"),
    "size a pair": (saved(GREY), (8, 8), r"sides of at least 2, got side \(8, 8\)"),
    "text": (io.BytesIO(b"no picture"), 8, "the file is no picture that can be read .*save it as PNG or JPEG"),
    "empty": (io.BytesIO(b""), 8, "the file is no picture that can be read"),
    "cut off": (io.BytesIO(saved(GREY).getvalue()[:-40]), 8, "the file is no picture that can be read"),
    "floats": (saved(Image.fromarray(FLOATS), "TIFF"), 8, "32 bits.*not known which of them is white.*to_spins"),
    "NaN": (saved(Image.fromarray(FLOATS * np.nan), "TIFF"), 8, "32 bits.*not known which"),
    "32 bits": (saved(Image.fromarray(PATTERN.astype(np.int32) * 10**6), "TIFF"), 8, "32 bits.*not known which"),
    "below 0": (saved(Image.fromarray(PATTERN.astype(np.int32) - 5), "TIFF"), 8, "32 bits.*not known which"),
    "an array": (PATTERN, 8, "read from a path or an open file, got one of type ndarray"),
    "None": (None, 8, "read from a path or an open file, got one of type NoneType"),
    "a folder": (DATA, 8, "data is a folder: pass the path of one picture in it"),
    "a null": ("a\0b.png", 8, "no picture that can be read"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_and_how(case):
    file, size, said = REFUSED[case]
    for load in (images.load_grey, images.load_spins):
        with pytest.raises(ValueError, match=said):
            load(file, size)


@pytest.mark.parametrize(
    ("threshold", "said"),
    [
        ("Otsu", 'threshold must be "otsu", "median" or a number from 0 .*got \'Otsu\''),
        (128, r"threshold must lie between 0 \(black\) and 1 \(white\), got 128: divide a grey level of 0 to 255 by"),
        (-0.1, "must lie between 0"),
        (np.nan, "threshold must be one finite number, got nan"),
        (None, "threshold must be one finite number, got None"),
        (True, 'threshold must be "otsu", "median" or a number'),
    ],
)
def test_thresholds_that_are_none(threshold, said):
    with pytest.raises(ValueError, match=said):
        images.load_spins(saved(GREY), 8, threshold)


def test_a_median_that_is_the_brightest_grey():
    with pytest.raises(ValueError, match=r"half of horse\.png or more has the brightest grey, 1.*use threshold=.otsu"):
        images.load_spins(SETS["photographs"]["horse"], 32, "median")


def test_a_missing_file_is_looked_for_from_the_folder_that_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=f"there is no file cat.png: .*{re.escape(tmp_path.name)}"):
        images.load_spins("cat.png", 8)


@pytest.mark.parametrize("times", [1.5, 4])
def test_a_pixel_bomb_is_not_opened(times, monkeypatch):
    """Pillow warns above its limit, and raises above twice the limit: both are refused."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", int(64 / times))
    with pytest.raises(ValueError, match="the file has more than 0 million pixels, too many to be opened safely"):
        images.load_spins(saved(GREY), 8)


def test_a_real_pixel_bomb_costs_nothing():
    file = saved(Image.new("1", (14000, 14000)))
    assert len(file.getvalue()) < 100_000
    with pytest.raises(ValueError, match="the file has more than 89 million pixels"):
        images.load_spins(file, 8)


@pytest.mark.filterwarnings("ignore::UserWarning")  # of Pillow's, about what is damaged
@given(st.binary(max_size=200), st.sampled_from(list(FILES)), st.integers(0, 5000))
def test_a_damaged_file_gives_spins_or_a_sentence(noise, kind, where):
    whole = FILES[kind].getvalue()
    where %= len(whole)
    try:
        spins = images.load_spins(io.BytesIO(whole[:where] + noise + whole[where + len(noise) :]), 4, CUT)
        assert spins.shape == (4, 4)
    except ValueError as error:
        assert re.search("no picture that can be read|is too large|too many to be opened|32 bits", str(error))


# ---------------------------------------------------------------- and back

PICTURES = npst.arrays(np.int8, st.tuples(st.integers(2, 20), st.integers(2, 20)), elements=st.sampled_from([-1, 1]))


@given(PICTURES)
def test_hex_there_and_back(spins):
    text = images.to_hex(spins)
    back = images.from_hex(text)
    assert back.dtype == np.int8 and np.array_equal(back, spins)
    assert re.fullmatch(r"\[\d+x\d+\][0-9a-f]+", text) and images.to_hex(back) == text
    broken = "\n".join(text[k : k + 7] for k in range(0, len(text), 7))
    assert np.array_equal(images.from_hex(broken.upper().replace("X", "x")), spins)


@given(PICTURES, st.data())
def test_a_text_that_was_cut_at_either_end_or_in_the_middle_is_told(spins, data):
    text = images.to_hex(spins)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    for lost in (text[:start] + text[end:], text[start:end]):
        if lost != text:
            with pytest.raises(ValueError, match=r"hexadecimal digits|sides of at least 2"):
                images.from_hex(lost)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "looks like '.2x3.ac'.*got ''"),
        ("2x3]ac", "looks like '.2x3.ac'"),
        ("ac", "looks like '.2x3.ac'"),
        ("[2x3]ag", "looks like '.2x3.ac'"),
        ("[2x3]ab", r"the last digit of a picture of 2 x 3 spins ends in 2 zero bits, got b"),
        ("[1x4]a", "sides of at least 2, got side 1"),
        ("[999999x999999]a", r"has 249999500001 hexadecimal digits after the shape, got 1"),
        ("[2x3]" + "a" * 10**6, "has 2 hexadecimal digits after the shape, got 1000000"),
        ("[٢x٣]ac", "looks like"),
        (b"[2x3]ac", "is a text, as to_hex gives it, got bytes"),
        (None, "is a text, as to_hex gives it, got NoneType"),
    ],
)
def test_texts_that_are_no_picture(text, said):
    with pytest.raises(ValueError, match=said) as found:
        images.from_hex(text)
    assert len(str(found.value)) < 250


def test_a_picture_of_32_x_32_takes_263_characters():
    assert len(images.to_hex(np.ones((32, 32)))) == 263


@given(PICTURES)
def test_an_image_there_and_back(spins):
    picture = images.to_image(spins)
    assert picture.mode == "1" and picture.size == spins.shape[::-1]
    assert np.array_equal(np.where(np.asarray(picture), 1, -1), spins)
    square = spins[: min(spins.shape), : min(spins.shape)]
    assert np.array_equal(images.load_spins(saved(images.to_image(square)), len(square), CUT), square)


@pytest.mark.parametrize("write", [images.to_hex, images.to_image])
def test_pixels_of_0_and_1_are_told_from_spins(write, capsys):
    pixels = np.array([[1, 0], [0, 1]])
    assert write(pixels) == write(2 * pixels - 1)
    assert "1 is up (2 of 4), 0 is down (2 of 4)" in capsys.readouterr().out
    for wrong, said in [
        (np.ones((2, 2, 2)), r"one picture at a time, shape \(rows, cols\), got \(2, 2, 2\)"),
        (np.ones(4), r"shape \(\.\.\., rows, cols\), got \(4,\)"),
        (np.full((2, 2), np.nan), "NaN"),
        (PATTERN, "which of the values 0, 85, 170, 255 is up"),
    ]:
        with pytest.raises(ValueError, match=said):
            write(wrong)


def test_the_two_conventions_of_the_pixels():
    """J = J01 / 4, h = h01 / 2 + J01 on the lattice: all energies differ by the same constant."""
    pixels = np.random.default_rng(1).integers(0, 2, (50, 3, 3))
    J01, h01 = 1.3, -0.7
    pairs = (pixels * (np.roll(pixels, -1, 1) + np.roll(pixels, -1, 2))).sum(axis=(1, 2))
    energies = -J01 * pairs - h01 * pixels.sum(axis=(1, 2))
    spins = ising.LatticeIsing(J01 / 4, h01 / 2 + J01, (3, 3)).energy(2 * pixels - 1)
    assert np.ptp(spins - energies) < 1e-12


# ---------------------------------------------------------------- pictures of the course


def test_there_are_at_least_40_in_three_sets_within_a_megabyte_and_a_half():
    assert {name: len(pictures) for name, pictures in SETS.items()} == {
        "photographs": 22,
        "letters": 26,
        "lattices": 24,
    }
    assert sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file()) < 1_500_000


def test_they_are_found_from_any_folder(tmp_path):
    code = "from course_lib import images; print(len(images.picture_sets()['letters']))"
    environment = os.environ | {"PYTHONPATH": str(Path(course_lib.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "26", done.stderr


def test_a_library_without_its_data_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "_DATA", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"the pictures of the course are not in .*: the library was taken out"):
        images.picture_sets()


def test_every_picture_is_the_one_of_its_checksum():
    lines = (DATA / "pictures.sha256").read_text(encoding="utf-8").splitlines()
    noted = {file: digest for digest, file in (line.split("  ") for line in lines)}
    files = [path for pictures in SETS.values() for path in pictures.values()]
    assert noted == {path.relative_to(DATA).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_every_picture_loads_with_pixels_of_both_kinds():
    for name, pictures in SETS.items():
        for path in pictures.values():
            with Image.open(path) as picture:
                assert (picture.mode, picture.size) == (("L", (128, 128)) if name == "photographs" else ("1", (32, 32)))
            spins = images.load_spins(path, 32)
            assert set(np.unique(spins)) == {-1, 1}
            assert np.array_equal(images.from_hex(images.to_hex(spins)), spins)


def rows_of_the_card():
    card = (DATA / "photographs.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in card.splitlines() if line[:1] == "|"]
    return {row[0]: row[1:] for row in rows[2:]}


def test_each_photograph_has_a_row_with_its_square_and_an_open_licence():
    rows = rows_of_the_card()
    made = script("make_photographs")["PICTURES"]
    assert list(rows) == list(made) and sorted(rows) == list(SETS["photographs"])
    for name, (what, source, licence) in rows.items():
        _, file, square = made[name]
        assert what and source == f"{file} {square}"
        terms, credit = licence.split("; ", 1)
        assert terms in ("CC0", "public domain", "CC BY 2.0") and credit
    assert rows["china"][2].startswith("CC BY 2.0; danielbuechele, https://www.flickr.com/photos/danielbuechele/")


def test_the_card_gives_the_bond_means_of_grass():
    card = (DATA / "photographs.md").read_text(encoding="utf-8")
    said = re.search(r"bond mean of (\S+), its middle quarter (\S+), its\s+middle sixteenth (\S+)\.\n", card).groups()
    found = [
        ising.bond_sum(images.load_spins(SETS["photographs"][name], 32, "median")) / 2048
        for name in ("grass", "grass_middle", "grass_near")
    ]
    assert [f"{mean:.2f}" for mean in found] == list(said)


def photographs_from(package):
    pytest.importorskip(package)
    make = script("make_photographs")
    chosen = [name for name, (folder, *_) in make["PICTURES"].items() if folder.split("/")[0] == package]
    for name in chosen:
        try:
            made = np.asarray(make["make"](name), int)
        except FileNotFoundError:
            pytest.skip(f"this {package} comes without its sample data")
        # Decoders of JPEG differ by a level or so from one version to the next.
        assert np.abs(made - np.asarray(Image.open(SETS["photographs"][name]), int)).max() <= 2, name
    return len(chosen)


@pytest.mark.parametrize(("package", "number"), [("skimage", 20), ("sklearn", 1), ("matplotlib", 1)])
def test_photographs_are_made_as_their_card_says(package, number):
    assert photographs_from(package) == number


def test_letters_are_made_as_their_card_says():
    make = script("make_letters")["make"]
    for letter, path in SETS["letters"].items():
        assert np.array_equal(np.asarray(make(letter)), np.asarray(Image.open(path))), letter


def test_lattices_are_made_anew_bit_for_bit():
    made = script("make_lattices")["make"]()
    assert sorted(made) == list(SETS["lattices"])
    for name, picture in made.items():
        assert np.array_equal(np.asarray(picture), np.asarray(Image.open(SETS["lattices"][name]))), name


def test_lattices_are_draws_from_the_couplings_that_are_kept_apart():
    """Fixed pictures: an error bar of six is no chance, so it would be a wrong table or a wrong sampler."""
    with (DATA / "lattices" / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = {row["group"]: (float(row["J"]), float(row["h"])) for row in csv.DictReader(file)}
    assert set(truth) == {name[0] for name in SETS["lattices"]}
    for group, (J, h) in truth.items():
        draws = [images.load_spins(path, 32) for name, path in SETS["lattices"].items() if name[0] == group]
        assert len(draws) == 4 and len({draw.tobytes() for draw in draws}) == 4
        fitted = learning.fit_images(np.array(draws), rng=1, progress=False)
        assert np.all(np.abs(fitted.model.parameters - [J, h]) < 5 * fitted.standard_errors), group
