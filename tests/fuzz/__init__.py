"""Programs that nobody has written, and what has to hold of every one of them.

`promises.py` is what ctxlint promises for any text at all. `mutants.py` takes real files apart.
`grammar.py` and what it draws from make programs of spawns, queues and workers that know what is
to be reported in them; `stage.py` runs these. ``python -m fuzz`` is the long run (`make fuzz`).
"""
