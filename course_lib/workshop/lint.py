"""The lesson linter: what every lesson of solutions/ has, as rules.

What an author writes, beyond `course_lib.workshop.build`:

- Head, the first cell: ``# `` title, the idea, "You will be able to" with 3-5 items, "You need first", the minutes in
  all, and for every section a table row or list item with its title and minutes. Each ``## `` heading ends in
  ``(10 min)``. `ising-course lint --minutes` computes what to write.
- Side path: its cells (text, code, exercise) carry the tag ``side-path``, and the first of them says *Side path*. The
  head states their minutes apart: ``90 minutes in all, and 12 more for the side paths``.
- Foot, from the last ``## `` on: what you learned, the equations to remember, where it goes next, further reading with
  years, two questions with ``<details><summary>Model answer``.
- Exercise: ``**Exercise 1 (8 minutes).**`` with two ``<details><summary>Hint``, then the solution cell, then its check.
  Later cells run on the student's code where it is right: at least one check hands it on,
  ``mine = check.energy(my_energy).use(my_energy, otherwise=ising.energy)``, and a later cell uses ``mine``.
- Picture: ``![a sentence](../notebooks/figures/name.png)``; `build` writes ``figures/name.png`` into notebooks/.
- Code that draws: the next cell is markdown, ``**Figure 1.** caption`` with
  ``<details><summary>In words</summary>a sentence</details>``, which a screen reader reads and anyone can unfold.
- A cell that meets an erratum carries its tag, ``errata-B3``. What concerns only readers of other texts goes into one
  folded box at the end, ``<details><summary>If you read other texts</summary>``, whose minutes are not counted.
- Code lines of at most 88 characters, the marker's ``raise NotImplementedError("your turn: ...")`` among them.

A rule takes a `Lesson` and yields its problems; a new rule is a function and a line in `RULES`.
"""

import ast
import re
from pathlib import Path
from statistics import median

from course_lib.workshop import build, lessons, minutes, notebook

ERRATA = {
    f"{text}{number}" for text, last in {"B": 13, "H": 11, "Q": 15, "I": 11}.items() for number in range(1, last + 1)
}

LONGEST_CELL, LONGEST_MEDIAN, WIDEST_LINE = 25, 8, 88
SECTION_OFF, TOTAL_OFF = 1, 2  # minutes that the head may be off: sections are rounded, and the sum of what is rounded
SHORTEST_ALT = 20

PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)")
LINK = re.compile(r"\]\(([^)\s]+)")
MORE = re.compile(r"(\d+) more for the side path")
YEAR = re.compile(r"\b(1[6-9]|20)\d\d\b")
HINT = "<details><summary>Hint"
MODEL_ANSWER = "<details><summary>Model answer"
IN_WORDS = re.compile(r"<details><summary>In words</summary>(.*?)</details>", re.DOTALL)
HOUSE_WORDS = re.compile(
    r"\b(clearly|simply|obviously|trivial(?:ly)?|as is well known|it can be shown|easy to see)\b", re.IGNORECASE
)
OF_ONE_MACHINE = re.compile(r"(?<![\w.~])/(?:home|tmp|Users)/|\b[A-Z]:\\|index-url|//[^/\s]+/simple\b")


def lint(path):
    """Say what a lesson lacks.

    Parameters
    ----------
    path : pathlib.Path
        A notebook of solutions/.

    Returns
    -------
    list of str
        One sentence a problem, each beginning with the notebook's name.
    """
    try:
        lesson = notebook.read(path)
    except notebook.Unreadable as error:
        return [str(error)]
    if lesson.key not in lessons.REGISTER:
        return [f"{lesson.path.name}: lesson {lesson.key} has no row in workshop/lessons.toml; add one"]
    return [f"{lesson.path.name}: {problem}" for rule in RULES for problem in rule(lesson)]


def coverage(root):
    """Say where each erratum is met.

    Parameters
    ----------
    root : pathlib.Path
        The course's folder.

    Returns
    -------
    dict of str to list of (str, str)
        Tag, such as ``errata-B3``, to lessons and cell ids, in the order of the course.
    """
    found = {}
    for path in sorted(Path(root, "solutions").glob("*.ipynb")):
        try:
            lesson = notebook.read(path)
        except notebook.Unreadable:  # which `lint` reports
            continue
        for cell in lesson.cells:
            for tag in _errata_tags(cell):
                found.setdefault(tag, []).append((lesson.key, cell.id))
    return dict(sorted(found.items(), key=lambda item: (item[0][:8], len(item[0]), item[0])))


def coverage_table(found):
    """Lay out `coverage` as a markdown table.

    Parameters
    ----------
    found : dict
        What `coverage` returned.

    Returns
    -------
    str

    Examples
    --------
    >>> print(coverage_table({"errata-B6": [("01", "pairs"), ("04", "gradient")]}))
    | erratum | lesson | cell |
    |---|---|---|
    | B6 | 01 | pairs |
    | B6 | 04 | gradient |
    """
    rows = [
        f"| {tag.removeprefix('errata-')} | {key} | {cell} |" for tag, where in found.items() for key, cell in where
    ]
    return "\n".join(["| erratum | lesson | cell |", "|---|---|---|", *rows])


def _errata_tags(cell):
    return [tag for tag in cell.metadata.get("tags", []) if tag.startswith("errata-")]


# ---------------------------------------------------------------- head, sections, foot


def head(lesson):
    """The first cell says what the lesson is about, what it gives and what it takes."""
    title = f"# {lesson.key} {lesson.row.title}"
    if lesson.head.split("\n")[0] != title:
        yield f"the first cell must be markdown and begin with `{title}`, as workshop/lessons.toml has it"
    for words in ("the idea", "you will be able to", "you need first"):
        if words not in lesson.head.lower():
            yield f"the head lacks '{words}'"
    items = _list_after("you will be able to", lesson.head)
    if not 3 <= len(items) <= 5:
        yield f"'you will be able to' must be followed by 3-5 list items, got {len(items)}"


def section_minutes(lesson):
    """Every section says its minutes, the head lists them, and they add up."""
    for title, stated in lesson.sections:
        if stated is None:
            yield f"the heading '## {title}' must end in its minutes: '## {title} (10 min)'"
        elif not any(title in line and re.search(rf"\b{stated} min", line) for line in lesson.head.splitlines()):
            yield f"the head must list the section '{title}' with its {stated} min on one line"
    total = sum(stated or 0 for _, stated in lesson.sections)
    if total > lesson.row.limit:
        yield f"the sections must add up to at most {lesson.row.limit} minutes, got {total}"
    if lesson.total is None:
        yield f"the head must state the total: '{total} minutes in all'"
    elif lesson.total != total:
        yield f"the head states {lesson.total} minutes in all, but the sections add up to {total}"


def computed_minutes(lesson):
    """What the head states is what a reader will need, and not too much."""
    sections = minutes.sections(lesson)
    for section in sections:
        if section.stated is not None and abs(section.stated - section.main_path) > SECTION_OFF:
            yield (
                f"the section '{section.title}' states {section.stated} min, and takes {section.main_path:.1f}; see "
                "`ising-course lint --minutes`"
            )
    total, aside = (sum(getattr(one, path) for one in sections) for path in ("main_path", "side_path"))
    if lesson.total is not None and abs(lesson.total - total) > TOTAL_OFF:
        yield f"the head states {lesson.total} minutes in all, and the main path takes {total:.1f}"
    if round(total) > lesson.row.limit:
        yield f"the main path must take at most {lesson.row.limit} minutes, got {total:.1f}; cut, or move to side paths"
    more = MORE.search(lesson.head)
    if abs((int(more[1]) if more else 0) - aside) > TOTAL_OFF:
        yield (
            f"the side paths take {aside:.1f} minutes, and the head states {more[1] if more else 'none'}: "
            f"'and {aside:.0f} more for the side paths'"
        )


def side_paths(lesson):
    """Who skips the side paths knows where they begin, and skips an exercise as a whole."""
    before = False
    for cell in lesson.cells:
        aside = _is_aside(cell)
        if aside and not before and not (cell.cell_type == "markdown" and "side path" in cell.source.lower()):
            yield f"cell '{cell.id}': a side path begins here; begin with markdown that says *Side path*"
        before = aside
    for cell in lesson.solutions:
        at = lesson.cells.index(cell)
        if len({_is_aside(part) for part in lesson.cells[at - 1 : at + 2]}) > 1:
            yield f"cell '{cell.id}': an exercise is on a side path as a whole; tag its task, its answer and its check"


def _is_aside(cell):
    return minutes.SIDE_PATH in cell.metadata.get("tags", [])


def foot(lesson):
    """The last section says what to keep, where to go on, and asks two questions."""
    text = re.split(r"^## ", lesson.prose, flags=re.MULTILINE)[-1]
    for words in ("what you learned", "equations to remember", "goes next", "further reading"):
        if words not in text.lower():
            yield f"the foot (from the last '## ' on) lacks '{words}'"
    references = [item for item in _list_after("further reading", text) if YEAR.search(item)]
    if len(references) < 2:
        yield f"'further reading' must list at least 2 references with a year, got {len(references)}"
    answers = text.count(MODEL_ANSWER)
    if answers != 2:
        yield f"the foot must have two questions, each with `{MODEL_ANSWER}`, got {answers}"


def _list_after(words, text):
    """Items of the first list below the line that holds these words."""
    lines = iter(text.splitlines())
    for line in lines:
        if words in line.lower():
            break
    items = []
    for line in lines:
        if line.startswith(("- ", "* ")):
            items.append(line)
        elif items and not line.startswith("  "):
            break
    return items


# ---------------------------------------------------------------- exercises and predictions


def exercises(lesson):
    """Each exercise has a task with its minutes and two hints."""
    for number, cell in enumerate(lesson.solutions, start=1):
        at = lesson.cells.index(cell)
        before = "\n\n".join(c.source for c in lesson.cells[max(0, at - 2) : at] if c.cell_type == "markdown")
        if not re.search(rf"\*\*Exercise {number} \(\d+ minutes\)\.\*\*", before):
            yield f"cell '{cell.id}': one of the two cells before must hold '**Exercise {number} (8 minutes).**'"
        elif before.count(HINT) != 2:
            yield (
                f"cell '{cell.id}': its exercise must have two hints, `{HINT} 1</summary>`, got {before.count(HINT)}"
            )
    least, most = lesson.row.exercises
    if not least <= len(lesson.solutions) <= most:
        yield f"the lesson must have {least}-{most} exercises, got {len(lesson.solutions)}"


def answers_stay_private(lesson):
    """A student who is stuck goes on: only the check's own cell may use what the student wrote, and hand it on."""
    for cell in lesson.solutions:
        at = lesson.code.index(cell)
        mine = _defined(lesson.trees.get(cell.id))
        for other in lesson.code[:at] + lesson.code[at + 2 :]:
            for name in sorted(mine & _used(lesson.trees.get(other.id))):
                yield (
                    f"cell '{other.id}': uses `{name}` of exercise '{cell.id}'; use the library's function, or "
                    "what the check's `.use` has handed on"
                )


def answers_are_used(lesson):
    """Where a check has said "right", the lesson runs on the student's own code."""
    for cell in lesson.solutions:
        at = lesson.code.index(cell)
        mine = _defined(lesson.trees.get(cell.id))
        later = set().union(*(_used(lesson.trees.get(other.id)) for other in lesson.code[at + 2 :]))
        if any(_handed_on(lesson.trees.get(check.id), mine) & later for check in lesson.code[at + 1 : at + 2]):
            return
    yield (
        "no later cell runs on the student's own code; let a check hand it on, "
        "`mine = check.energy(my_energy).use(my_energy, otherwise=ising.energy)`, and use `mine`"
    )


def _handed_on(tree, mine):
    """Names that a check's cell gives to the student's functions."""
    names = set()
    for node in tree.body if tree else ():
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(
                    func=ast.Attribute(attr="use"), args=[ast.Name(id=answer)], keywords=[ast.keyword(arg="otherwise")]
                ),
            ) if answer in mine:
                names.add(name)
    return names


def _defined(tree):
    names = set()
    for node in tree.body if tree else ():
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        else:
            names |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return names


def _used(tree):
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} if tree else set()


def predictions(lesson):
    """The student commits to an answer before seeing the result, at least twice."""
    asked, told = (_log_ids(lesson, call) for call in ("log.predict", "log.outcome"))
    if len(asked) < 2:
        yield f"the lesson must ask for at least 2 predictions with log.predict, got {len(asked)}"
    for one in sorted(asked ^ told):
        yield f"the prediction '{one}' needs both log.predict and log.outcome"
    for one in sorted(asked | told):
        if not one.startswith(f"{lesson.key}-"):
            yield f"the prediction '{one}' must begin with '{lesson.key}-'"


def _log_ids(lesson, name):
    first = [
        node.args[0] for cell in lesson.code for called, node in lesson.calls(cell) if called == name and node.args
    ]
    return {arg.value for arg in first if isinstance(arg, ast.Constant) and isinstance(arg.value, str)}


# ---------------------------------------------------------------- pictures and links


def pictures(lesson):
    """Who cannot see a picture can read what it shows, and it goes with the folder notebooks/."""
    for cell in lesson.markdown:
        if "<img" in cell.source:
            yield f"cell '{cell.id}': write a picture as ![text](path), not as <img>"
        for alt, target in PICTURE.findall(cell.source):
            if len(alt) < SHORTEST_ALT:
                yield f"cell '{cell.id}': the picture {target} needs at least {SHORTEST_ALT} characters of text in ![]"
            if not target.startswith(("../notebooks/figures/", "attachment:")):
                yield f"cell '{cell.id}': the picture {target} must be a file ../notebooks/figures/name.png"


def stills(lesson):
    """What the register calls the lesson's pictures and explorer are in it."""
    for name in lesson.row.figures:
        if f"/figures/{name})" not in lesson.prose:
            yield f"shows no picture figures/{name}, which workshop/lessons.toml lists among its stills"
    explorer = f"explorers.{lesson.row.explorer}"
    if lesson.row.explorer and not any(name == explorer for cell in lesson.code for name, _ in lesson.calls(cell)):
        yield f"calls no {explorer}(), which workshop/lessons.toml names as its explorer"


def links(lesson):
    """What a lesson links to, pictures included, is there."""
    for cell in lesson.markdown:
        for target in LINK.findall(cell.source):
            relative = not re.match(r"https?:|mailto:|attachment:|#", target)
            if relative and not (lesson.path.parent / target.split("#")[0]).exists():
                yield f"cell '{cell.id}': links to {target}, which does not exist; make it, or write plain text"


def drawings(lesson):
    """Who cannot see a drawn figure can read what it shows."""
    for position, cell in enumerate(lesson.cells):
        if cell.cell_type != "code" or not any(_draws(name) for name, _ in lesson.calls(cell)):
            continue
        below = lesson.cells[position + 1] if position + 1 < len(lesson.cells) else None
        if below is None or below.cell_type != "markdown" or not re.match(r"\*\*Figure \d+\.\*\*", below.source):
            yield f"cell '{cell.id}' draws: the next cell must be markdown and begin with '**Figure 1.** caption'"
            continue
        words = IN_WORDS.search(below.source)
        if not words or len(words[1].strip()) < SHORTEST_ALT:
            yield (
                f"cell '{below.id}': a caption needs `<details><summary>In words</summary>...</details>` with at least "
                f"{SHORTEST_ALT} characters"
            )


def _draws(name):
    return name.startswith("plt.") or (name.split(".")[-1].startswith("draw_") and not name.startswith("check."))


# ---------------------------------------------------------------- cells


def first_code_cell(lesson):
    """The first code cell works, or says what to do."""
    source = lesson.code[0].source if lesson.code else ""
    if "course_lib" not in source or "install" not in source:
        yield "the first code cell must import course_lib, and say in one line how to install it"


def code_is_python(lesson):
    """Code runs wherever Python does."""
    for cell in lesson.code:
        if cell.id not in lesson.trees:
            yield f"cell '{cell.id}': is no plain Python; lessons use no magics"


def cell_lengths(lesson):
    """One idea a cell; long code lives in the library."""
    for cell in lesson.code:
        if len(cell.source.splitlines()) > LONGEST_CELL:
            yield f"cell '{cell.id}': has over {LONGEST_CELL} lines; move code into course_lib"
    lengths = [len(cell.source.splitlines()) for cell in lesson.code if not notebook.is_solution(cell)]
    if lengths and not 1 <= median(lengths) <= LONGEST_MEDIAN:
        yield f"the median code cell must have 1-{LONGEST_MEDIAN} lines, got {median(lengths):g}"


def line_widths(lesson):
    """What the page cuts off is not read."""
    for cell in lesson.code:
        for number, line in enumerate(cell.source.splitlines(), start=1):
            if build.BEGIN in line:
                line = line[: len(line) - len(line.lstrip())] + build.stub(line)
            if len(line) > WIDEST_LINE:
                yield f"cell '{cell.id}', line {number}: has {len(line)} characters; a page shows {WIDEST_LINE}"


def cell_ids(lesson):
    """Ids can be read, so that an error can name a cell."""
    for cell in lesson.cells:
        words = cell.id.split("-")
        random = any(re.fullmatch(r"[0-9a-f]{8,}", word) for word in words)
        if random or not cell.id[0].isalpha() or not all(re.fullmatch(r"[a-z0-9]+", word) for word in words):
            yield f"cell '{cell.id}': an id is made of lowercase words and hyphens, such as 'flip-cost'"


def no_outputs(lesson):
    """Outputs go stale and hide changes: none are stored."""
    yield from notebook.stored_outputs(lesson.cells)


# ---------------------------------------------------------------- words and tags


def house_words(lesson):
    """Words that tell a reader who does not see it that they should."""
    for cell in lesson.markdown:
        for word in HOUSE_WORDS.findall(cell.source):
            yield f"cell '{cell.id}': says '{word}'; say why instead"


def of_one_machine(lesson):
    """Nothing that holds on the author's machine only."""
    for cell in lesson.cells:
        for found in OF_ONE_MACHINE.findall(cell.source):
            yield f"cell '{cell.id}': holds '{found}', which belongs to one machine; take it out"


def errata(lesson):
    """Errata that concern this lesson are met where the tags say so."""
    met = set()
    for cell in lesson.cells:
        for tag in _errata_tags(cell):
            met.add(tag.removeprefix("errata-"))
            if tag.removeprefix("errata-") not in ERRATA:
                yield f"cell '{cell.id}': {tag} names no erratum; the known ones are B1-B13, H1-H11, Q1-Q15 and I1-I11"
    for missing in sorted(set(lesson.row.errata) - met):
        yield f"no cell carries the tag errata-{missing}, which this lesson must meet"


RULES = [
    head,
    section_minutes,
    computed_minutes,
    side_paths,
    foot,
    exercises,
    answers_stay_private,
    answers_are_used,
    predictions,
    pictures,
    stills,
    links,
    drawings,
    first_code_cell,
    code_is_python,
    cell_lengths,
    line_widths,
    cell_ids,
    no_outputs,
    house_words,
    of_one_machine,
    errata,
]
