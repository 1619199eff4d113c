"""Mistakes in autodiff engines: one catalogue, made by the laboratory and found by the examiner.

examiner/catalogue.toml   the mistakes: program, right and wrong answer, story, cure
laboratory                makes each of them in our engine, for a block; also imported as `autograd.bugs`
examiner/                 finds them in any engine and imports nothing of ours, so that a copy of its folder runs alone; also
                          imported as `autograd.examiner`, and run by `python -m autograd.examine`
"""
