"""Make the pictures of letters/ anew: ``python data/make_letters.py``.

Needs what the course installs. Then ``cd data && sha256sum */*.png > pictures.sha256``.
"""

from pathlib import Path
from string import ascii_uppercase

import matplotlib
from PIL import Image, ImageDraw, ImageFont

SIDE = 32
SCALE = 8  # drawn so many times larger, then averaged: the outline then does not depend on the font's hints
FONT = "fonts/ttf/DejaVuSans-Bold.ttf"


def make(letter):
    """One letter in white on black, in the middle, capitals 22 pixels high."""
    font = ImageFont.truetype(
        Path(matplotlib.get_data_path()) / FONT, round(22 * SCALE / 0.729), layout_engine=ImageFont.Layout.BASIC
    )
    large = Image.new("L", (SIDE * SCALE, SIDE * SCALE))
    left, top, right, bottom = font.getbbox(letter)
    corner = ((large.width - left - right) // 2, (large.height - top - bottom) // 2)
    ImageDraw.Draw(large).text(corner, letter, fill=255, font=font)
    return large.resize((SIDE, SIDE), Image.Resampling.BOX).point(lambda grey: 255 * (grey >= 128)).convert("1")


if __name__ == "__main__":
    for letter in ascii_uppercase:
        make(letter).save(Path(__file__).parent / "letters" / f"{letter}.png", optimize=True)
