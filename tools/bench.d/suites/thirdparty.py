"""The figures of whoever writes a plugin outside this tree."""

from suites import thirdparty_author, thirdparty_check, thirdparty_crashes, thirdparty_zoo

ROWS = [*thirdparty_author.ROWS, *thirdparty_check.ROWS, *thirdparty_zoo.ROWS, *thirdparty_crashes.ROWS]
