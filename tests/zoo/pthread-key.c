/* A key whose destructor would run in unmapped code when a thread ends. */
#include <pthread.h>

#include "zoo.h"

static pthread_key_t key;
static void destroy_value(void* value) { (void)value; }

__attribute__((constructor)) static void make(void) {
  if (pthread_key_create(&key, destroy_value) == 0) pthread_setspecific(key, &key);
}

ZOO_PLUGIN
