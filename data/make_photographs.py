"""Make the pictures of photographs/ anew: ``python data/make_photographs.py``.

Needs scikit-image and scikit-learn besides what the course installs: ``pip install scikit-image scikit-learn``. Then
``cd data && sha256sum */*.png > pictures.sha256``.
"""

from importlib.util import find_spec
from pathlib import Path

from PIL import Image

SIDE = 128
SKIMAGE, SKLEARN, MATPLOTLIB = "skimage/data", "sklearn/datasets/images", "matplotlib/mpl-data/sample_data"
# Picture -> folder in a package, file, and the square of it that is used: left, top, side. Sides are 128 or a multiple,
# so that a cell of the result is whole pixels, where the file is large enough for that.
PICTURES = {
    "astronaut": (SKIMAGE, "astronaut.png", (0, 0, 512)),
    "camera": (SKIMAGE, "camera.png", (0, 0, 512)),
    "cat": (SKIMAGE, "chelsea.png", (90, 0, 300)),
    "cell": (SKIMAGE, "cell.png", (19, 74, 512)),
    "clock": (SKIMAGE, "clock_motion.png", (50, 0, 300)),
    "coffee": (SKIMAGE, "coffee.png", (100, 0, 400)),
    "galaxies": (SKIMAGE, "hubble_deep_field.jpg", (116, 52, 768)),
    "horse": (SKIMAGE, "horse.png", (36, 0, 328)),
    "retina": (SKIMAGE, "retina.jpg", (2, 2, 1408)),
    "retina_vessels": (SKIMAGE, "retina.jpg", (500, 800, 384)),
    "text": (SKIMAGE, "text.png", (138, 0, 172)),
    "china": (SKLEARN, "china.jpg", (106, 0, 427)),
    "grace_hopper": (MATPLOTLIB, "grace_hopper.jpg", (0, 0, 512)),
    # textures
    "brick": (SKIMAGE, "brick.png", (0, 0, 512)),
    "brick_near": (SKIMAGE, "brick.png", (128, 128, 128)),
    "grass": (SKIMAGE, "grass.png", (0, 0, 512)),
    "grass_middle": (SKIMAGE, "grass.png", (128, 128, 256)),
    "grass_near": (SKIMAGE, "grass.png", (192, 192, 128)),
    "gravel": (SKIMAGE, "gravel.png", (0, 0, 512)),
    "gravel_middle": (SKIMAGE, "gravel.png", (128, 128, 256)),
    "gravel_near": (SKIMAGE, "gravel.png", (192, 192, 128)),
    "wood": (SKIMAGE, "coffee.png", (470, 32, 128)),
}


def make(picture):
    """One picture, by name: its square in grey by luminance, averaged down to 128 x 128."""
    folder, file, (left, top, side) = PICTURES[picture]
    package, *rest = folder.split("/")
    with Image.open(Path(find_spec(package).origin).parent.joinpath(*rest, file)) as opened:
        square = opened.convert("L").crop((left, top, left + side, top + side))
    return square.resize((SIDE, SIDE), Image.Resampling.BOX)


if __name__ == "__main__":
    for picture in PICTURES:
        make(picture).save(Path(__file__).parent / "photographs" / f"{picture}.png", optimize=True)
