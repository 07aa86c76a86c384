"""What a catalogue of media asks of the host all day: statements, children, and the scan of a library."""

from suites import catalogue_children, catalogue_scan, catalogue_statements

ROWS = [*catalogue_statements.ROWS, *catalogue_children.ROWS, *catalogue_scan.ROWS]
