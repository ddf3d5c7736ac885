"""One small lesson in which everything is right; each test changes it in one way."""

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

NAME = "99x_walk.ipynb"
FIELDS = {"title": "How far does a walker get?", "about": "steps left and right", "needs": ["02"], "place": [8.6, 1.2]}

HEAD = """# 99x How far does a walker get?
**The idea.** The square of the distance grows by one each step.

**You will be able to**
- measure a mean
- derive it
- judge its error

**You need first** lesson 02. **21 minutes in all**

| section | time |
|---|---|
| 1. Ten thousand walkers | 20 min |
| What you learned | 1 min |
"""
SETUP = """try:
    from course_lib import checks, log
except ImportError as error:
    raise SystemExit("install the course first: see the README") from error
"""
TASK = """**Exercise {number} (8 minutes).** Write `my_{name}`.
<details><summary>Hint 1</summary>One step at a time.</details>
<details><summary>Hint 2</summary>The middle term dies.</details>"""
CAPTION = """**Figure 1.** Distance against steps.
<details><summary>In words</summary>The distance grows like the square root of the steps.</details>"""
FOOT = """## What you learned (1 min)
Squares add up. **Equations to remember.** $x^2 = n$. *Where this goes next:* a lesson to come.

**Further reading**
- A. Einstein, Ann. Phys. 322, 549 (1905).
- M. Smoluchowski, Ann. Phys. 326, 756 (1906).

Why? <details><summary>Model answer</summary>Because.</details>
How? <details><summary>Model answer</summary>Slowly.</details>"""


def exercise(number, name, answer):
    marks = {"grade": False, "grade_id": name, "locked": False, "schema_version": 3, "solution": True, "task": False}
    source = f"def my_{name}(n):\n    ### BEGIN SOLUTION the {name} of n\n    {answer}\n    ### END SOLUTION"
    return [
        new_markdown_cell(TASK.format(number=number, name=name), id=f"task-{name}"),
        new_code_cell(source, id=f"answer-{name}", metadata={"nbgrader": marks}),
        new_code_cell(f"{name} = check.{name}(my_{name}).use(my_{name}, otherwise=walks.{name})", id=f"check-{name}"),
    ]


def good_lesson():
    cells = [
        new_markdown_cell(HEAD, id="head"),
        new_code_cell(SETUP, id="setup"),
        new_markdown_cell("## 1. Ten thousand walkers (20 min)\nHow far?", id="walkers"),
        new_code_cell('log.predict("99x-far", choices=[0, 10])\nlog.predict("99x-home", choices=[0, 1])', id="guess"),
        new_code_cell('log.outcome("99x-far", 10)\nlog.outcome("99x-home", 0)', id="outcome"),
        new_code_cell("figure = plots.draw_walk(100)", id="draw"),
        new_markdown_cell(CAPTION, id="caption", metadata={"tags": ["errata-B3"]}),
        *exercise(1, "distance", "return abs(n) ** 0.5 + 0.0"),
        *exercise(2, "square", "return n * n - n * (n - 1)"),
        new_code_cell("square(distance(3))", id="walk-on"),
        new_markdown_cell(FOOT, id="foot"),
    ]
    return new_notebook(cells=cells)


def cell(notebook, cell_id):
    return next(one for one in notebook.cells if one.id == cell_id)
