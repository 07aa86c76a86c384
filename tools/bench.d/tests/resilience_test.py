import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from figures import measure_lines  # noqa: E402
from suites import resilience  # noqa: E402

NAMES = {*resilience.PUBLISHED, *resilience.BESIDE, *resilience.OVER_THE_CLOCK,
         *(name for name in resilience.GOALS if "over the clock" not in name)}


def program(value=40.0, clock=27.0):
    return [{"name": name, "unit": "ns", "value": value, "reference_value": 33.0, "clock": clock} for name in sorted(NAMES)]


def reference(allow=92.0, reject=96.0):
    return [{"name": "x/time/rate allow", "value": allow}, {"name": "x/time/rate reject", "value": reject}]


def by_name(figures):
    return {line["name"]: line for line in figures}


class Alone(unittest.TestCase):
    def test_gives_a_slow_clock_more_time_and_a_fast_one_no_less(self):
        for clock, pace in ((20, 1), (27, 1), (54, 2)):
            found = by_name(resilience.alone_figures(program(clock=clock), reference()))
            self.assertEqual(found["rate limiter allow"]["pace"], pace)
            self.assertEqual(found["bulkhead acquire and release, over the clock"]["pace"], pace)

    def test_measures_over_the_clock_from_the_reading_and_not_from_the_twin(self):
        found = by_name(resilience.alone_figures(program(), reference()))
        over = found["breaker execute, consecutive, over the clock"]
        self.assertEqual((over["value"], over["reference_value"]), (40, 27))
        self.assertEqual(found["breaker execute, consecutive"]["reference_value"], 33)

    def test_scales_what_others_took_by_the_reference_beside_it(self):
        found = by_name(resilience.alone_figures(program(), reference(allow=46)))
        self.assertEqual(found["breaker execute, consecutive | gobreaker"]["reference_value"], 149 / 2)
        self.assertEqual(found["pipeline of 5, timer, from data | Polly"]["reference_value"], 766 / 2)

    def test_puts_the_reference_as_it_was_measured_beside_the_same_call(self):
        found = by_name(resilience.alone_figures(program(), reference(allow=46, reject=50)))
        self.assertEqual(found["rate limiter allow | x/time/rate allow"]["reference_value"], 46)
        self.assertEqual(found["rate limiter reject | x/time/rate reject"]["reference_value"], 50)

    def test_has_a_figure_for_each_goal_and_a_note_where_nothing_was_measured(self):
        figures = measure_lines(
            lambda count: "\n".join([resilience.written(resilience.alone_figures(program(), reference()))] * count),
            resilience.GOALS, resilience.NOTES)
        found = {figure.name: figure for figure in figures}
        self.assertLessEqual(set(resilience.NOTES), set(found))
        self.assertEqual(found["rate limiter allow"].verdict(), "yes")
        self.assertEqual(found["rate limiter reject"].verdict(), "no")
        self.assertEqual(found["breaker execute, consecutive, over the clock"].verdict(), "yes")
        self.assertEqual(found["rate limiter allow | folly"].note, "published, scaled")


class Together(unittest.TestCase):
    def pace(self, twin):
        [line] = resilience.together_figures([{"name": "x, 2 threads", "value": 100, "reference_value": twin}])
        return line["pace"]

    def test_the_twin_tells_what_a_shared_line_costs_here(self):
        self.assertEqual((self.pace(51), self.pace(25.5), self.pace(20)), (2, 1, 1))

    def test_a_count_has_the_pace_of_the_goals(self):
        [line] = resilience.together_figures(json.loads('[{"name": "allocations", "unit": "", "value": 0}]'))
        self.assertEqual(line["pace"], 1)


if __name__ == "__main__":
    unittest.main()
