// How lessons look in JupyterLab. No build step: the last lines are what webpack's module federation asks for, by hand.

// A saved lesson, opened again: its sliders and buttons lived in a kernel that is gone. JupyterLab calls that an error.
// To save their state with the notebook (the setting saveState) does not last: JupyterLab 4.6 keeps the state of those
// in the running kernel only, so that the first save after opening, its own autosave too, empties it.
const NOT_FOUND = 'Error displaying widget: model not found';
const ASLEEP =
  'Asleep since this lesson was saved. To wake it: Run > Run All Above Selected Cell, then run this cell.';

// JupyterLab breaks printed lines inside words, and leaves no room between an unfolded text and what follows.
const STYLE = `
  .jp-OutputArea-output pre { word-break: normal; overflow-wrap: anywhere; }
  .jp-RenderedHTMLCommon details + p { margin-top: 1em; }
`;

function activate() {
  document.head.append(Object.assign(document.createElement('style'), { textContent: STYLE }));
  const observer = new MutationObserver(records => {
    for (const node of records.flatMap(record => [...record.addedNodes])) {
      if (node.nodeType === Node.TEXT_NODE && node.data === NOT_FOUND) {
        node.data = ASLEEP;
      }
    }
  });
  observer.observe(document.body, { childList: true, subtree: true });
}

const plugin = { id: 'ising-course:lessons', autoStart: true, activate };
window._JUPYTERLAB = window._JUPYTERLAB || {};
window._JUPYTERLAB['ising-course'] = { init: () => {}, get: async () => () => ({ __esModule: true, default: plugin }) };
