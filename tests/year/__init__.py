"""A year of one newsletter: a made-up world that announces papers, a reader who keeps the habit, and what is checked.

`studies` are the papers, `world` the sites that tell of them, `habit` how a run is made (and, as a process of its own
to be killed, `__main__`), `life` what befalls in each week, `checks` what must hold of what the outside saw.
"""
