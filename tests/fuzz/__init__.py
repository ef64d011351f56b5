"""Everything that reads what others wrote, given what nobody would write: `python -m tests.fuzz`.

A target is one parser and what must hold of it whatever it is given. Each runs in a process of its own: first on inputs
that are known to be good, then on these with a piece repeated until they are long, then on what atheris makes of them
by what it sees of the code that runs; where there is no atheris, on what `mutation` makes of them.
"""
