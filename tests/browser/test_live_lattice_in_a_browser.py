"""The live lattice in a real JupyterLab and a real browser: how many frames are shown, and how soon it answers.

By hand, as test_lessons_in_a_browser.py says; -s prints the figures. A machine that is busy otherwise shows fewer
frames.
"""

import time

import driver
import nbformat
import pytest

pytestmark = pytest.mark.by_hand
NAME = "live.ipynb"
CELL = "from course_lib import explorers\nexplorer = explorers.LiveLattice()\nexplorer"
FRAMES_A_SECOND, LATENCY = 25, 60

# Pictures that a browser had decoded when it painted the screen.
COUNT_SHOWN = """seconds => new Promise(done => {
    const image = document.querySelectorAll('.widget-image')[0], start = performance.now();
    let shown = 0, last = image.src;
    const look = now => {
        if (image.src !== last && image.complete) { shown += 1; last = image.src; }
        now - start < 1000 * seconds ? requestAnimationFrame(look) : done(shown / seconds);
    };
    requestAnimationFrame(look);
})"""

# From a key press until the screen is painted with the first picture made with the new T: the one after the words.
WATCH_KEYS = """() => {
    const image = document.querySelectorAll('.widget-image')[0];
    const words = [...document.querySelectorAll('.widget-html-content')].find(e => e.textContent.startsWith('T = '));
    const T = () => words.textContent.split(',')[0];
    window.latencies = [];
    document.addEventListener('keydown', () => {
        const start = performance.now(), before = T();
        let ready = false;
        const watcher = new MutationObserver(() => { ready = T() !== before; });
        watcher.observe(image, {attributes: true, attributeFilter: ['src']});
        const look = now => {
            if (!ready || !image.complete) { requestAnimationFrame(look); return; }
            watcher.disconnect();
            window.latencies.push(performance.now() - start);
        };
        requestAnimationFrame(look);
    }, true);
}"""


@pytest.fixture
def folder(tmp_path):
    """A folder with one notebook: the explorer and nothing else."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    cells = [nbformat.v4.new_code_cell(CELL)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), tmp_path / NAME)
    return tmp_path


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()
    time.sleep(1)


def median_latency(page, presses=40):
    page.evaluate("window.latencies = []")
    page.locator(".noUi-handle").first.focus()
    for k in range(presses):
        page.keyboard.press("ArrowRight" if k % 4 < 2 else "ArrowLeft")
        time.sleep(0.137)  # not in step with the frames
    time.sleep(1)
    latencies = sorted(page.evaluate("window.latencies"))
    assert len(latencies) >= 30
    return latencies[len(latencies) // 2], latencies[int(0.9 * len(latencies))]


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_the_live_lattice_keeps_up(labs, folder, theme):
    page = labs(folder, theme).open(NAME)
    driver.run_all(page)
    page.wait_for_selector(".widget-image", timeout=60_000)
    time.sleep(2)
    driver.shoot(page, f"live-{theme}-start")
    assert page.evaluate(COUNT_SHOWN, 2) == 0, "it runs before anyone pressed run"
    assert page.eval_on_selector(".course-sharp", "image => getComputedStyle(image).imageRendering") == "pixelated"
    page.evaluate(WATCH_KEYS)
    press(page, "run")
    for size in (128, 512):
        if size == 512:
            press(page, "512 x 512")
        shown = page.evaluate(COUNT_SHOWN, 10)
        median, slow = median_latency(page)
        print(f"\n{theme}, side {size}: {shown:.1f} frames/s shown; key to picture {median:.0f} ms, 9 in 10 {slow:.0f}")
        driver.shoot(page, f"live-{theme}-{size}")
        if size == 128:
            assert shown >= FRAMES_A_SECOND
            assert median <= LATENCY

    for k, slider in enumerate(("T", "h", "speed")):
        for key in ("Home", "End"):
            page.locator(".noUi-handle").nth(k).focus()
            page.keyboard.press(key)
            time.sleep(1.5)
            driver.shoot(page, f"live-{theme}-{slider}-{key}")
    # A field is on: Wolff is refused, in words and in the menu.
    page.locator(".noUi-handle").nth(1).focus()
    page.keyboard.press("End")
    page.locator(".widget-dropdown select").select_option("Wolff clusters")
    page.get_by_text("Wolff's clusters need h = 0").wait_for()
    assert page.locator(".widget-dropdown select").input_value() == "heat bath"
    driver.shoot(page, f"live-{theme}-wolff")
    press(page, "quench")
    driver.shoot(page, f"live-{theme}-quench")
    press(page, "pause")
    assert page.evaluate(COUNT_SHOWN, 1) == 0
    assert driver.said_to_stderr(page) == []
