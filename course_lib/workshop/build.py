"""From solutions/ to notebooks/: take the answers out, keep everything else.

Only the notebooks of solutions/ are edited. An nbgrader solution cell there holds one answer, inside a function:

    def my_energy(spins, J, h):
        ### BEGIN SOLUTION each pair counts once
        return -0.5 * np.sum((spins @ J) * spins, axis=-1) - spins @ h
        ### END SOLUTION

and students find ``raise NotImplementedError("your turn: each pair counts once")`` in its place. It raises only
when the function is called, so a Run All goes through. A written answer is a markdown cell, manually graded in
nbgrader's words, with the same markers around it; students find `TO_WRITE` in its place. What is written carries a
checksum of its cells: a notebook that somebody has worked in is never overwritten.
"""

import ast
import hashlib
import json
import re
from copy import deepcopy
from itertools import zip_longest
from pathlib import Path

import nbformat
from nbformat.validator import iter_validate

from course_lib.files import write_whole
from course_lib.workshop.notebook import is_solution, is_written, stored_outputs

BEGIN, END = "BEGIN SOLUTION", "END SOLUTION"

# Whoever saved the notebook last leaves a kernel and a Python version of their own here.
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

# An answer's line that gives nothing away wherever else it stands; see `_answer_lines`.
HARMLESS = re.compile(r"#|import [\w., ]+$|from [\w.]+ import [\w, ]+$|return \w+$|for .+ in .+:$")
SHORTEST_ANSWER = 10

TO_WRITE = "*Your answer, in place of this line.*"

# A link in solutions/, and the same one in notebooks/: pictures are found wherever the folder is opened or copied to.
BESIDE = ("](../notebooks/", "](")


class BuildError(ValueError):
    """A notebook that cannot be built; says which notebook, which cell, and what to do."""


def build(root):
    """Write notebooks/ from solutions/.

    A notebook that was edited since it was built is left as it is; one that was only run is written anew.

    Parameters
    ----------
    root : pathlib.Path
        The course's folder.

    Returns
    -------
    list of pathlib.Path
        What was written: the notebooks that were missing or not up to date.

    Raises
    ------
    BuildError
        One line a notebook that could not be built or may not be overwritten; all others are built.
    """
    written, problems = [], []
    for path in _sources(root):
        try:
            text = _text(build_notebook(_read(path), _name(path)))
            copy = Path(root, "notebooks", path.name)
            if _write(copy, text):
                written.append(copy)
        except BuildError as problem:
            problems.append(str(problem))
    if problems:
        raise BuildError("\n".join(problems))
    return written


def check(root):
    """Say what is wrong in solutions/ and notebooks/, changing nothing.

    Parameters
    ----------
    root : pathlib.Path
        The course's folder.

    Returns
    -------
    list of str
        One sentence a problem: a notebook that cannot be built, is missing, or is not what its source gives; a notebook
        without a source; an answer that students could read; outputs stored in solutions/.

    Raises
    ------
    BuildError
        If there is no solutions/ to compare with.
    """
    problems = []
    sources = _sources(root)
    for path in sources:
        try:
            source = _read(path)
            built = build_notebook(source, _name(path))
            problems += [f"{_name(path)}, {problem}" for problem in stored_outputs(source.cells)]
            problems += _leaks(source, built, _name(path))
            problems += _difference(built, Path(root, "notebooks", path.name))
        except BuildError as problem:
            problems.append(str(problem))
    known = {path.name for path in sources}
    for copy in sorted(Path(root, "notebooks").glob("*.ipynb")):
        if copy.name not in known:
            problems.append(f"{_name(copy)}: has no source in solutions/; move it there, or delete it")
    return problems


def build_notebook(source, name):
    """Make the students' notebook, without answers and outputs.

    Parameters
    ----------
    source : nbformat.NotebookNode
        A notebook of solutions/; it is not changed.
    name : str
        What errors call it, and what is written down as its origin: ``solutions/01_ising_energy.ipynb``.

    Returns
    -------
    nbformat.NotebookNode

    Raises
    ------
    BuildError
        If nbgrader is not installed, or an answer, an exercise or an id is not as it must be.
    """
    _check_ids(source.cells, name)
    for position, cell in enumerate(source.cells):
        _check_markers(cell, name)
        if is_solution(cell):
            _check_exercise(cell, source.cells[position + 1 :], name)

    notebook = deepcopy(source)
    notebook.metadata = nbformat.from_dict(NOTEBOOK_METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # JupyterLab writes the time of each run here
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace(*BESIDE)
    _preprocess(notebook, name)
    for cell in filter(is_solution, notebook.cells):
        _check_stub(cell, name)
    notebook.metadata["ising_course"] = {"source": name, "checksum": _checksum(notebook)}
    return notebook


# ---------------------------------------------------------------- nbgrader


def _preprocess(notebook, name):
    """Run nbgrader's own steps over the notebook, in place."""
    try:  # a build-time package: students do not have it
        from nbgrader import preprocessors
        from nbgrader.nbgraderformat import SchemaTooNewError, SchemaTooOldError, ValidationError
    except ImportError:
        raise BuildError(
            "building notebooks needs nbgrader, which is not installed: run `uv sync`, or `pip install -e .[test]`; "
            "reading and running the lessons does not need it"
        ) from None

    class ClearSolutions(preprocessors.ClearSolutions):
        def _replace_solution_region(self, cell, language):
            self.code_stub, self.text_stub = {language: stub(cell.source)}, TO_WRITE
            return super()._replace_solution_region(cell, language)

    steps = (
        preprocessors.CheckCellMetadata,
        preprocessors.LockCells,
        ClearSolutions,
        preprocessors.ClearOutput,
        preprocessors.ClearHiddenTests,
        preprocessors.ClearMarkScheme,
        preprocessors.ComputeChecksums,
    )
    for step in steps:
        try:
            step().preprocess(notebook, {})
        except (RuntimeError, ValidationError, SchemaTooOldError, SchemaTooNewError) as error:
            # CheckCellMetadata says that something is wrong; what it is, the error before it knows.
            reason = str(error.__context__ or error).strip().splitlines()[0]
            raise BuildError(f"{name}: nbgrader's {step.__name__} refuses a cell ({reason}); mend the cell") from None


def stub(source):
    """What students find in place of an answer, without its indent."""
    text = re.search(rf"{BEGIN}:?(.*)", source)
    message = ": ".join(filter(None, ["your turn", text and text[1].strip()]))
    return f"raise NotImplementedError({json.dumps(message, ensure_ascii=False)})"


# ---------------------------------------------------------------- what an author can get wrong


def _check_ids(cells, name):
    for kind, ids in (
        ("cell id", [cell.id for cell in cells]),
        ("grade_id", [_grade_id(cell) for cell in cells if _grade_id(cell)]),
    ):
        twice = next((one for one in ids if ids.count(one) > 1), None)
        if twice:
            raise BuildError(f"{name}, cell {twice!r}: two cells have this {kind}; give one of them another")


def _check_markers(cell, name):
    where = f"{name}, cell {cell.id!r}"
    marks = re.findall(f"{BEGIN}|{END}", cell.source)
    if not (is_solution(cell) or is_written(cell)):
        if marks:
            raise BuildError(
                f"{where}: {marks[0]} stands outside a solution cell; mark a code cell as one in its nbgrader metadata "
                '("solution": true), or take the marker out'
            )
        return
    if not marks:
        raise BuildError(
            f"{where}: a solution cell without a region; put ### {BEGIN} and ### {END} around the answer in a code cell"
        )
    if marks[0] == END:
        raise BuildError(f"{where}: ### {END} comes without ### {BEGIN}; put one before the answer")
    if marks.count(BEGIN) > 1 and marks[1] == END:
        raise BuildError(f"{where}: two regions in one cell; make each answer an exercise of its own")
    if marks != [BEGIN, END]:
        raise BuildError(f"{where}: the region must open once and close once; put one ### {END} after the answer")


def _check_exercise(cell, following, name):
    where = f"{name}, cell {cell.id!r}"
    if not _grade_id(cell).isidentifier():
        raise BuildError(f"{where}: its grade_id must be the name of its check, got {_grade_id(cell)!r}")
    call = f"check.{_grade_id(cell)}("
    next_code = next((after.source for after in following if after.cell_type == "code"), "")
    if call not in next_code:
        raise BuildError(f"{where}: an exercise without a check; call `{call}...)` in the next code cell")


def _check_stub(cell, name):
    where = f"{name}, cell {cell.id!r}"
    try:
        tree = ast.parse(cell.source)
    except SyntaxError as error:
        raise BuildError(
            f"{where}: without its answer the cell is no Python ({error.msg}, line {error.lineno}); indent the markers "
            "like the answer"
        ) from None
    if any(isinstance(node, ast.Raise) for node in _outside_functions(tree)):
        raise BuildError(
            f"{where}: the region stands at top level, where a Run All would stop; put the answer inside a function"
        )
    if any(isinstance(node, ast.Call) for node in _outside_functions(tree)):
        raise BuildError(
            f"{where}: something is called at top level, where the stub would stop a Run All; keep to the "
            "function, and call it in another cell"
        )


def _outside_functions(node):
    yield node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        for child in ast.iter_child_nodes(node):
            yield from _outside_functions(child)


def _grade_id(cell):
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


# ---------------------------------------------------------------- what check looks for


def _leaks(source, built, name):
    """Lines of answers that stand anywhere in the students' notebook: text, metadata or attachments."""
    readable = {cell.id: _squeeze("\n".join(_strings(cell))) for cell in built.cells}
    return [
        f"{name}, cell {shown!r}: gives away a line of the answer in cell {cell.id!r}, `{line}`; reword it"
        for cell in source.cells
        if is_solution(cell) or is_written(cell)
        for line in _answer_lines(cell.source)
        for shown, text in readable.items()
        if _squeeze(line) in text
    ]


def _answer_lines(source):
    """Lines of the region that give something away.

    Left out are lines of fewer than 10 characters (blanks not counted) and what any code may share: comments, imports,
    the head of a for loop, ``return name``.
    """
    region = re.search(rf"{BEGIN}[^\n]*\n(.*){END}", source, re.DOTALL)[1]
    lines = [line.strip() for line in region.splitlines()]
    return [line for line in lines if len(_squeeze(line)) >= SHORTEST_ANSWER and not HARMLESS.match(line)]


def _strings(node):
    if isinstance(node, dict):
        for key, value in node.items():
            yield from (key, *_strings(value))
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)
    elif isinstance(node, str):
        yield node


def _squeeze(text):
    # Another layout of the same line is the same line.
    return "".join(text.split())


def _difference(built, copy):
    name = _name(copy)
    if not copy.exists():
        return [f"{name}: is missing; run `ising-course build`"]
    if _holds(copy, _text(built)):
        return []
    remedy = "change its source in solutions/, never this copy, and run `ising-course build`"
    for expected, found in zip_longest(built.cells, _read(copy).cells):
        if expected != found:
            return [f"{name}, cell {(expected or found).id!r}: is not what its source gives; {remedy}"]
    return [f"{name}: its metadata or layout are not what its source gives; {remedy}"]


# ---------------------------------------------------------------- files


def _sources(root):
    folder = Path(root, "solutions")
    if not folder.is_dir():
        raise BuildError(f"there is no folder solutions/ in {root}: give the course's own folder")
    sources = sorted(folder.glob("*.ipynb"))
    if not sources:
        raise BuildError(f"there is no notebook in {folder}: nothing was built or checked")
    return sources


def _name(path):
    return f"{path.parent.name}/{path.name}"


def _read(path):
    """Read a notebook as it stands: nbformat's own reader quietly mends ids, which would hide them from the checks."""
    try:
        text = path.read_text(encoding="utf-8")
        raw = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise BuildError(f"{_name(path)}: cannot be read as a notebook ({error}); restore or delete it") from None
    version = (raw.get("nbformat"), raw.get("nbformat_minor")) if isinstance(raw, dict) else None
    if version != (4, 5):
        raise BuildError(f"{_name(path)}: must be in notebook format 4.5, got {version}; save it with JupyterLab 4")
    for error in iter_validate(raw):
        place = json.dumps(error.instance, ensure_ascii=False)[:60]
        raise BuildError(f"{_name(path)}: is no valid notebook ({error.message[:80]}, at {place}); mend or restore it")
    return nbformat.v4.reads(text)


def _text(notebook):
    return nbformat.writes(notebook) + "\n"


def _holds(path, text):
    try:
        # Whatever is no UTF-8 is no notebook that was built.
        return path.read_text(encoding="utf-8", errors="replace") == text
    except OSError as error:
        raise BuildError(
            f"{_name(path)}: cannot be read ({error.strerror}); make it readable, or move it away"
        ) from None


def _write(path, text):
    """Write a built notebook and return True; False where it stands already. Never over somebody's work."""
    if path.exists():
        if _holds(path, text):
            return False
        standing = _read(path)
        if standing.metadata.get("ising_course", {}).get("checksum") != _checksum(standing):
            raise BuildError(
                f"{_name(path)}: was edited since it was built, or is a file of your own; it was left as it is: rename "
                "it to keep it, then build again"
            )
    try:
        write_whole(path, text)
    except OSError as error:
        raise BuildError(
            f"{_name(path)}: cannot be written ({error.strerror}); make the folder writable, or build in a copy of "
            "the course"
        ) from None
    return True


def _checksum(notebook):
    """Of what a person edits: the kind, text, tags and attachments of each cell, not its outputs."""
    cells = [
        [cell.cell_type, cell.source, cell.metadata.get("tags", []), cell.get("attachments", {})]
        for cell in notebook.cells
    ]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()
