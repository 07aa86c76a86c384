"""The figures of several plugins together: state that changes hands, a tree that starts, what is visible, a wait."""

from suites import system_handover, system_rooms, system_start

ROWS = [*system_handover.ROWS, *system_start.ROWS, *system_rooms.ROWS]
