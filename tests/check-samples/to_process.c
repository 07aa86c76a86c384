/* What a plugin can do to the process that it shares with its host and all others. */
#include <dlfcn.h>
#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sample.h"

UNLESS_CHOSEN void changes_umask(void) { (void)umask(0); }
UNLESS_CHOSEN void changes_folder(void) { (void)!chdir("/usr"); }
UNLESS_CHOSEN void changes_locale(void) { (void)setlocale(LC_ALL, "C.UTF-8"); }
UNLESS_CHOSEN void changes_environment(void) { (void)setenv("REVENGE_CHECK_SAMPLE", "1", 1); }
UNLESS_CHOSEN void ignores_a_signal(void) { (void)signal(SIGPIPE, SIG_IGN); }
static void on_signal(int number) { (void)number; }
UNLESS_CHOSEN void handles_a_signal(void) { (void)signal(SIGUSR2, on_signal); }
UNLESS_CHOSEN void blocks_signals(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
}
UNLESS_CHOSEN void changes_rounding(void) { (void)fesetround(FE_UPWARD); }

static void end_key(void* value) { (void)value; }
/* Not by its name, which the imports would show. */
UNLESS_CHOSEN void leaves_a_key(void) {
  int (*make)(pthread_key_t*, void (*)(void*)) = NULL;
  *(void**)&make = dlsym(RTLD_DEFAULT, "pthread_key_create");
  pthread_key_t key;
  if (make != NULL) (void)make(&key, end_key);
}

UNLESS_CHOSEN void forks(void) {
  if (fork() != 0) return;
  for (;;) pause();
}
UNLESS_CHOSEN void spins_in_start(void) {
  for (volatile int turn = 0;; turn = !turn) {
  }
}
UNLESS_CHOSEN void exits(void) { exit(0); }

static void* live_on(void* context) {
  for (;;) pause();
  return context;
}
UNLESS_CHOSEN void leaves_a_thread(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, live_on, NULL) == 0) pthread_detach(thread);
}
UNLESS_CHOSEN void closes_others_descriptors(void) {
  for (int number = 3; number < 64; number++) (void)close(number);
}

#include "life.h"
