/* The descriptor lies where nothing is mapped any more. */
#include <sys/mman.h>

#include "zoo.h"

ZOO_EXPORT const revenge_plugin* revenge_plugin_entry(uint32_t host_generation, revenge_error* error) {
  (void)host_generation, (void)error, (void)zoo_create;
  void* page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(page, 4096);
  return page;
}
