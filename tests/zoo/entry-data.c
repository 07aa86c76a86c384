/* The entry is a number: calling it would run data. */
__attribute__((visibility("default"))) int revenge_plugin_entry = 42;
