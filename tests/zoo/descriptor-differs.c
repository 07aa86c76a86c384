/* Says one id in the trial of the library and another one to the host. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "zoo.h"

static int is_on_trial(void) {
  char words[512] = {0};
  const int file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
  const ssize_t got = file < 0 ? 0 : read(file, words, sizeof words - 1);
  if (file >= 0) close(file);
  for (ssize_t i = 0; i + 7 < got; i++) {
    if (memcmp(words + i, "--probe", 7) == 0) return 1;
  }
  return 0;
}

ZOO_EXPORT const revenge_plugin* revenge_plugin_entry(uint32_t host_generation, revenge_error* error) {
  static revenge_plugin descriptor = {sizeof(revenge_plugin),
                                      REVENGE_ABI_GENERATION,
                                      {ZOO_ID, sizeof(ZOO_ID) - 1},
                                      {"1.0.0", 5},
                                      {REVENGE_VERSION_STRING, sizeof(REVENGE_VERSION_STRING) - 1},
                                      zoo_create};
  (void)host_generation, (void)error;
  if (!is_on_trial()) descriptor.id = (revenge_view){"somebody-else", 13};
  return &descriptor;
}
