"""A child of a plugin, from the request through revenge.process/1 to its end, against posix_spawn and waitpid of the same program
by the same process, in turns. Neither reads an output. Ours is forked by the warden in a group of its own with a deadline; its
end is told by the warden."""

from figures import measure_lines
from suites.catalogue_statements import asked, sqlite


def children(bench):
    with sqlite(bench) as (host, _):
        return measure_lines(lambda count: asked(host, f"children?count={count}"), {"child, from start to end": ()},
                             {"child, from start to end": "reference: posix_spawn and waitpid"})


ROWS = [("children", children)]
