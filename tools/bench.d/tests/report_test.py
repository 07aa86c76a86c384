import contextlib
import io
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import report  # noqa: E402
from figures import Table  # noqa: E402

TABLE = Table("with policies", ("backend", "calls", "detected s"), [("hangs", 500, 0.3125), ("well", 12, None)], "100 calls/s")


def shown(telling, figure):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        telling.show(figure)
    return said.getvalue()


class Tables(unittest.TestCase):
    def test_people_read_columns_of_one_width_and_a_dash_where_there_is_no_number(self):
        self.assertEqual(shown(report.People(), TABLE).splitlines(), [
            "with policies: 100 calls/s",
            "| backend | calls | detected s |",
            "|---------|------:|-----------:|",
            "| hangs   |   500 |     0.3125 |",
            "| well    |    12 |          - |",
        ])

    def test_programs_read_an_object_a_row(self):
        self.assertEqual(json.loads(shown(report.Programs(), TABLE)), {
            "name": "with policies", "note": "100 calls/s",
            "rows": [{"backend": "hangs", "calls": 500, "detected s": 0.3125}, {"backend": "well", "calls": 12, "detected s": None}]})

    def test_have_no_goal_to_miss(self):
        self.assertEqual(TABLE.verdict(), "-")


if __name__ == "__main__":
    unittest.main()
