"""Drives JupyterLab as a student does: settings, workspaces and the prediction log are the test's own."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

SHOTS = Path("shots")
ERRORS = [f".jp-RenderedText[data-mime-type='application/vnd.jupyter.{kind}']" for kind in ("stderr", "error")]
WIDGET = ".jp-OutputArea-output > .jupyter-widgets"
HANDLE = ".widget-slider .noUi-target:not([disabled]) .noUi-handle"
PANEL = "document.querySelector('.jp-WindowedPanel-outer')"

# Every code cell has its number, or one has failed: the rest does not run then.
HAS_RUN = """failed => document.querySelector(failed) || [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
    .every(prompt => /\\[\\d+\\]/.test(prompt.textContent))"""

# What reaches beyond its cell, or hides its end. Code scrolls; its own rule is in course_lib/workshop/lint.py.
TOO_WIDE = """() => {
    document.querySelectorAll('.jp-Notebook details').forEach(details => { details.open = true; });
    const cells = [...document.querySelectorAll('.jp-Notebook .jp-Cell')];
    return cells.flatMap((cell, k) => [...cell.querySelectorAll('.jp-OutputArea-output *, .jp-RenderedMarkdown *')]
        .filter(part => !part.closest('mjx-assistive-mml') && part.getClientRects().length)
        .filter(part => part.getBoundingClientRect().right > cell.getBoundingClientRect().right + 1
            || part.matches('.widget-label, .widget-button') && part.scrollWidth > part.clientWidth + 1)
        .slice(0, 1).map(part => `cell ${k}: ${part.tagName}.${part.className} ${part.textContent.slice(0, 60)}`));
}"""


class Lab:
    """JupyterLab on a folder of lessons, started as the README says, and a browser to look at it."""

    def __init__(self, browser, folder, theme, own):
        self._browser, self._log = browser, own / "log"
        settings = {
            "apputils-extension/themes": {"theme": f"JupyterLab {theme}"},
            # As it is set, JupyterLab draws only the cells that are near the screen.
            "notebook-extension/tracker": {"windowingMode": "none"},
        }
        for plugin, values in settings.items():
            file = own / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
            file.parent.mkdir(parents=True)
            file.write_text(json.dumps(values))
        folders = {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
        folders |= {"ISING_COURSE_HOME": "home"}
        environment = os.environ | {name: str(own / folder) for name, folder in folders.items()} | {"DISPLAY": ""}
        command = [Path(sys.executable).with_name("ising-course"), "lab", next(folder.glob("*.ipynb")), "--no-browser"]
        with self._log.open("w") as log:
            self._server = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment, cwd=own
            )
        said = self._server.stdout.readline()
        assert said.startswith("JupyterLab: "), f"{said}\n{self._log.read_text()}"
        self._address, self._token = re.search(r"(http\S+?)/lab/tree/.+token=(\w+)", said).groups()

    def stop(self):
        self._server.terminate()
        self._server.wait()

    def ask(self, path, method="GET"):
        """Call the server's own interface."""
        request = urllib.request.Request(f"{self._address}/api/{path}?token={self._token}", method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or "null")

    def open(self, name):
        """A lesson in a page of its own, once its kernel is there: who runs it earlier is asked to choose one."""
        for _ in range(300):
            try:
                self.ask("status")
                break
            except OSError:
                time.sleep(0.1)
        page = self._browser.new_page(viewport={"width": 1300, "height": 1000})
        page.complaints = listen(page)
        # A workspace for each: JupyterLab opens the tabs of the last one again.
        page.goto(f"{self._address}/lab/workspaces/{time.monotonic_ns()}/tree/{name}?token={self._token}")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        page.get_by_text("| Idle").wait_for(timeout=60_000)
        return page

    def end_kernels(self):
        for session in self.ask("sessions"):
            self.ask(f"sessions/{session['id']}", "DELETE")


def listen(page):
    """A list that grows with every error: of the page, in the console, of the server, of the kernel."""
    heard = []

    def frame(data):
        # An error in a slider's callback is on no page: the kernel tells it to JupyterLab, which counts it in a corner.
        text = data if isinstance(data, str) else data.decode(errors="replace")
        if '"msg_type": "error"' in text:
            heard.append(text)

    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("console", lambda line: line.type == "error" and heard.append(line.text))
    page.on("response", lambda got: got.status >= 400 and heard.append(f"{got.status} {got.url}"))
    page.on("websocket", lambda socket: socket.on("framereceived", frame))
    return heard


def choose(page, menu, entry):
    """Take an entry of JupyterLab's menu; the same words may stand in the lesson."""
    page.get_by_role("menuitem", name=menu, exact=True).click()
    page.locator(".lm-Menu-itemLabel").get_by_text(entry, exact=True).click()


def run_all(page):
    choose(page, "Run", "Run All Cells")
    page.wait_for_function(HAS_RUN, arg=ERRORS[1], timeout=240_000)


def said_to_stderr(page):
    """Warnings and errors on the page."""
    return page.locator(", ".join(ERRORS)).all_text_contents()


def pictures(page):
    return page.eval_on_selector_all(".widget-image", "images => images.map(image => image.src)")


def not_shown(page):
    """Pictures of the page that did not come; one that is just being redrawn is looked at again."""
    missing = "images => images.filter(image => !image.naturalWidth).map(image => image.src)"
    for _ in range(4):
        page.wait_for_function("[...document.querySelectorAll('.jp-Notebook img')].every(image => image.complete)")
        found = page.eval_on_selector_all(".jp-Notebook img", missing)
        if not found:
            break
        page.wait_for_timeout(500)
    return found


def answers(page, handle, key):
    """Whether a picture changes when a key is pressed on a slider."""
    before = pictures(page)
    handle.focus()
    page.keyboard.press(key)
    end = time.monotonic() + 2
    while time.monotonic() < end:
        if pictures(page) != before:
            return True
        time.sleep(0.05)
    return False


def shoot(page, name):
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def shoot_all(page, name):
    """A picture of every screen of the lesson, from its head to its foot."""
    height, step = page.evaluate(f"[{PANEL}.scrollHeight, 0.9 * {PANEL}.clientHeight]")
    for screen in range(int(height / step)):
        page.evaluate(f"{PANEL}.scrollTop = {screen * step}")
        time.sleep(0.3)
        shoot(page, f"{name}-{screen:02}")
