"""The lecture as lessons: each one file, run by `python -m demos`, shown in the terminal and in a gallery of pictures.

A lesson is a module `demos/lesson_NN_name.py`, NN being its place in the lecture. Its docstring gives the title, in one
sentence, and then the question; `main(page)` answers it and returns what it found, for the tests; `TRY` is an experiment for
the reader. This is a whole one:

    '''The slope: a derivative is a number that a program can compute.

    How fast does x² grow at x = 3?
    '''

    from autograd import Value
    from demos.experiments import Try
    from demos.page import Page

    TRY = Try("Where does x² − 4x stop falling? Set the slope to 0.")


    def main(page: Page) -> dict[str, float]:
        x = Value(3.0, "x")
        y = x * x
        y.backward()
        page.say("x occurs twice, and so two paths lead from y to x: the slope is their sum.")
        page.table(["x", "y", "dy/dx"], [[x.data, y.data, x.grad]])
        page.plot("parabola", lambda axes: axes.plot([t / 10 for t in range(60)], [t * t / 100 for t in range(60)]))
        return {"slope": x.grad}

Start reading at a lesson, then `demos.page`.
"""
