"""Look inside: where a number comes from, what it feeds, and why a network decides as it does.

Nothing here computes with a network that trains, or changes one: `look_inside` copies what is to be explained, once,
and everything else reads that copy.

A view shows a cell in four calls::

    from core.inside.arithmetic import work_out
    from core.inside.backwards import hand_on
    from core.inside.looking import Label, Place, look_inside
    from core.inside.regions import fed_by, seen_by

    look = look_inside(network, sample)  # between two steps of a run, as snapshots are taken
    arithmetic = work_out(look, "conv2", (2, 3, 5))  # row, column and channel from 0; (feature,) of a row of features
    seen = seen_by(look.program, "conv2", (2, 3, 5))  # {"input": Region, "conv1": Region, …}, its own layer included
    fed = fed_by(look.program, "conv2", (2, 3, 5))  # the same for all later layers

`Region.inside` is the box to frame, `Region.frame` the same with the padding that is read, to be hatched beyond the
border; `Region.mask` has the exact cells. `arithmetic.patches` are the grids to draw: values × factors = products, one
for each channel, with the cell of each value, and False in `inside` where it is padding; `printing.grid` writes their
numbers, and `printing.added_up` products whose sum stands beside them. `arithmetic.lines` are the sums below, printed:
each has its terms (name, text, where it comes from, which patch it is the total of) and its result. Following a term's
`place`, or `arithmetic.place_of(patch, index)`, steps back; the cells of `fed` step forward. `arithmetic.winner` is
what a pool took, and `trail` follows winners and activations back (pool2 ← relu2 ← conv2). `arithmetic.sentence` says
it in words.

Backwards, `look_inside(network, sample, Label(4))` or `look_inside(network, sample, Place("fc3", (4,)))` adds the
gradients of the loss, or of one number, and `hand_on(look, "conv2", (2, 3, 5))` says how the cell's gradient goes to
its inputs (`shares`) and to its weights (`weights`, with what a step of plain SGD would change);
`core.inside.gathering.gather` says from which layers it came.

Why a network decides as it does, and what a filter looks for, is explained by the entries of `reasons.REASONS`; each
knows its formula, its scale and what it does not show. What they compute is work, which can be given up half-way;
`core.work.outcome_of` does it to its end::

    heat = outcome_of(Saliency().work(Subject(network, x, label, black)))  # heat.values, heat.scaled(), heat.note

The arithmetic names no kind of layer: kinds declare `sights` and `workings` beside `forward` (`core/layers/kind.py`).
"""
