/* Deeds with the state that is handed to the next version. */
#include <stdlib.h>

#include "member.h"

static revenge_buffer zoo_saved = {"state", 5, NULL, NULL}; /* what save() gives */

DEED(save_nothing) {
  zoo_saved.data = NULL;
  zoo_saved.size = 0;
  return REVENGE_OK;
}
DEED(save_null) {
  zoo_saved.data = NULL;
  zoo_saved.size = 100;
  return REVENGE_OK;
}
DEED(save_endless) {
  zoo_saved.data = "x";
  zoo_saved.size = (size_t)1 << 40;
  return REVENGE_OK;
}
DEED(save_refused) { return say(error, REVENGE_FAILED, "the animals cannot be moved"); }
DEED(restore_refused) { return say(error, REVENGE_INVALID, "the state is another plugin's"); }
static char differs[32];
DEED(save_differs) {
  snprintf(differs, sizeof differs, "%p %ld", (void*)differs, (long)rand());
  zoo_saved.data = differs;
  zoo_saved.size = strlen(differs);
  return REVENGE_OK;
}
DEED(take_long) {
  rest_ms(200);
  return REVENGE_OK;
}

#include "member_life.h"
