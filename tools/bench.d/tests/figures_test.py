import json
import random
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from figures import Bound, Figure, Sample, interval, measure, measure_lines  # noqa: E402
from process import Failed  # noqa: E402


def pairs(*ratios, reference=10.0):
    return [Sample(ratio * reference, reference) for ratio in ratios]


class Intervals(unittest.TestCase):
    def test_takes_the_order_statistics_of_the_binomial(self):
        self.assertEqual(interval(range(1, 10)), (2, 8))
        self.assertEqual(interval(range(1, 31)), (10, 21))

    def test_has_none_below_six_values(self):
        self.assertIsNone(interval(range(5)))
        self.assertEqual(interval(range(6)), (0, 5))

    def test_holds_the_true_median_as_often_as_it_says(self):
        chance = random.Random(7)
        for n in (9, 15, 30):
            held = 0
            for _ in range(4000):
                low, high = interval([chance.expovariate(1) for _ in range(n)])
                held += low <= 0.6931 <= high
            self.assertGreaterEqual(held / 4000, 0.94, n)


class Verdicts(unittest.TestCase):
    def verdict(self, samples, *goals):
        return Figure("x", "ns", samples, goals).verdict()

    def test_the_median_decides(self):
        goal = Bound(1.5, "ratio")
        self.assertEqual(self.verdict(pairs(*[1.2] * 4, *[1.5] * 5), goal), "yes")
        self.assertEqual(self.verdict(pairs(*[1.5] * 9), goal), "yes")
        self.assertEqual(self.verdict(pairs(*[1.51] * 9), goal), "no")

    def test_a_wide_interval_decides_nothing(self):
        spread = [1.0, 1.0, 1.1, 1.2, 1.2, 1.3, 1.4, 1.45, 2.0]
        self.assertEqual(self.verdict(pairs(*spread), Bound(1.5, "ratio")), "undecided")
        self.assertEqual(self.verdict(pairs(*spread), Bound(2.0, "ratio")), "yes")

    def test_a_ratio_wants_enough_pairs(self):
        self.assertEqual(self.verdict(pairs(1.0, 1.0, 1.0), Bound(1.5, "ratio")), "undecided")

    def test_one_of_two_goals_is_enough(self):
        tiny = [Sample(2.6, 1.0)] * 9
        self.assertEqual(self.verdict(tiny, Bound(2.5, "ratio")), "no")
        self.assertEqual(self.verdict(tiny, Bound(2.5, "ratio"), Bound(8, "excess")), "yes")

    def test_a_slow_machine_is_given_as_much_longer(self):
        slow = [Sample(90, 40, pace=2)] * 9
        self.assertEqual((self.verdict(slow, Bound(45)), self.verdict(slow, Bound(44))), ("yes", "no"))
        self.assertEqual((self.verdict(slow, Bound(25, "excess")), self.verdict(slow, Bound(24, "excess"))), ("yes", "no"))
        self.assertEqual((self.verdict(slow, Bound(2.25, "ratio")), self.verdict(slow, Bound(2.2, "ratio"))), ("yes", "no"))
        found = Figure("x", "ns", slow, (Bound(45),), "beside").summary()
        self.assertEqual((found["value"], found["note"]), (90, "beside; goal 2.00 times as long here"))

    def test_at_least_turns_the_comparison(self):
        goal = Bound(0.95, "ratio", at_least=True)
        self.assertEqual(self.verdict(pairs(*[0.95] * 9), goal), "yes")
        self.assertEqual(self.verdict(pairs(*[0.94] * 9), goal), "no")

    def test_a_count_stands_alone(self):
        self.assertEqual(self.verdict([Sample(0)], Bound(0)), "yes")
        self.assertEqual(self.verdict([Sample(1)], Bound(0)), "no")

    def test_without_a_goal_there_is_no_verdict(self):
        self.assertEqual(self.verdict(pairs(1.0)), "-")

    def test_the_ratio_is_the_median_of_pairs_not_the_ratio_of_medians(self):
        samples = [Sample(1, 1), Sample(10, 5), Sample(100, 10), Sample(2, 2), Sample(30, 10)]
        found = Figure("x", "ns", samples).summary()
        self.assertEqual((found["ratio"], found["value"], found["reference"]), (2, 10, 5))

    def test_a_wide_interval_wholly_beyond_the_goal_has_missed_it(self):
        spread = [2.0, 4.0] * 6
        self.assertEqual(self.verdict(pairs(*spread), Bound(1.5, "ratio")), "no")
        self.assertEqual(self.verdict(pairs(*spread), Bound(4.5, "ratio", at_least=True)), "no")


class Measuring(unittest.TestCase):
    def test_stops_when_decided(self):
        self.assertEqual(len(measure("x", "ns", lambda: Sample(1, 1), (Bound(1.5, "ratio"),)).samples), 9)

    def test_takes_more_pairs_while_undecided_and_ends(self):
        wild = iter([0.1, 9.0] * 100)
        figure = measure("x", "ns", lambda: Sample(next(wild), 1), (Bound(1.5, "ratio"),))
        self.assertEqual((figure.verdict(), len(figure.samples)), ("undecided", 33))

    def test_sorts_the_lines_of_a_program_that_measures_several_things(self):
        lines = [{"name": "x", "value": 3, "reference_value": 2}, {"name": "y", "unit": "ms", "value": 5}]
        x, y = measure_lines(lambda count: "\n".join(map(json.dumps, lines * count)), {"x": (Bound(2, "ratio"),)})
        self.assertEqual((x.name, x.unit, len(x.samples), x.verdict()), ("x", "ns", 9, "yes"))
        self.assertEqual((y.name, y.unit, len(y.samples), y.verdict()), ("y", "ms", 9, "-"))

    def test_refuses_lines_that_lack_what_a_goal_is_for(self):
        with self.assertRaisesRegex(Failed, "'z' was not measured"):
            measure_lines(lambda _: '{"name": "x", "value": 3}', {"z": ()})


if __name__ == "__main__":
    unittest.main()
