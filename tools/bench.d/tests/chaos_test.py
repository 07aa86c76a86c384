import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tools" / "bench.d"), str(ROOT / "tests" / "integration")]
from illness import Illness, told  # noqa: E402
from open_loop import Call  # noqa: E402

ILL = Illness("hangs", begin=10, back=20, end=30, read=0)


def ok(begin, seconds=0.25):
    return Call(begin, begin + seconds, 200, 1)


def rejected(begin):
    return Call(begin, begin, 503, 0)


def failed(begin, seconds=0.5, attempts=2):
    return Call(begin, begin + seconds, 502, attempts)


class Told(unittest.TestCase):
    def test_counts_the_calls_that_began_while_it_lasted_each_once(self):
        found = told([ok(9.9), failed(10), failed(19.9), rejected(15), ok(12), Call(13, 14, None), ok(20)], ILL)
        self.assertEqual((found.calls, found.ok, found.failed, found.rejected, found.unanswered, found.attempts), (5, 1, 3, 1, 1, 5))

    def test_is_detected_by_the_first_call_that_was_refused_unmade(self):
        self.assertEqual(told([rejected(9), failed(10), rejected(10.5), rejected(11), ok(21)], ILL).detected, 0.5)
        self.assertIsNone(told([failed(10), Call(11, 12, 503, 1), ok(21)], ILL).detected)

    def test_is_over_for_the_first_who_has_an_answer_and_for_all_when_nearly_all_do(self):
        found = told([failed(11), rejected(20), ok(21), rejected(22), *(ok(23 + i / 100) for i in range(150))], ILL)
        self.assertEqual((found.first_ok, found.recovered), (1.25, 1.25))
        found = told([failed(11), rejected(20), ok(21), rejected(22), *(ok(23 + i / 100) for i in range(90))], ILL)
        self.assertEqual((found.first_ok, found.recovered), (1.25, 3.25))

    def test_is_not_over_where_calls_go_on_to_fail(self):
        found = told([failed(11), ok(21), failed(29)], ILL)
        self.assertEqual((found.first_ok, found.recovered), (1.25, None))

    def test_is_over_whatever_becomes_of_calls_under_way_when_the_next_begins(self):
        found = told([failed(11), ok(21), failed(29.9)], ILL)
        self.assertEqual((found.first_ok, found.recovered), (1.25, 1.25))

    def test_of_the_calls_latencies_the_middle_and_the_end(self):
        found = told([failed(10 + i / 100, seconds=i) for i in range(200)], ILL)
        self.assertEqual((found.median, found.p99, found.slowest), (100, 198, 199))


if __name__ == "__main__":
    unittest.main()
