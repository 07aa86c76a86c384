/* A library that a plugin brings along. */
__attribute__((visibility("default"))) int bundled_answer(void);
int bundled_answer(void) { return 42; }
