/* Exports nothing that the host looks for. */
__attribute__((visibility("default"))) int some_other_entry(void);
int some_other_entry(void) { return 0; }
