/* Deeds that change the whole process, mostly done while the library is being loaded. */
#include <dlfcn.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "member.h"

DEED(set_locale) { return setlocale(LC_ALL, "C.UTF-8") == NULL ? REVENGE_FAILED : REVENGE_OK; }
DEED(set_folder) { return chdir("/") == 0 ? REVENGE_OK : REVENGE_FAILED; }
DEED(set_environment) { return setenv("TZ", "Mars/Olympus", 1) == 0 ? REVENGE_OK : REVENGE_FAILED; }
DEED(ignore_signals) { return signal(SIGTERM, SIG_IGN) == SIG_ERR ? REVENGE_FAILED : REVENGE_OK; }
DEED(block_signals) {
  sigset_t all;
  sigfillset(&all);
  return pthread_sigmask(SIG_BLOCK, &all, NULL) == 0 ? REVENGE_OK : REVENGE_FAILED;
}
DEED(shrink_limits) {
  const struct rlimit few = {64, 64};
  return setrlimit(RLIMIT_NOFILE, &few) == 0 ? REVENGE_OK : REVENGE_FAILED;
}

static void in_order(void) {}
DEED(register_atexit) { return atexit(in_order) == 0 ? REVENGE_OK : REVENGE_FAILED; }
static void at_the_end(int status, void* unused) { (void)status, (void)unused; }
DEED(register_on_exit) { return on_exit(at_the_end, NULL) == 0 ? REVENGE_OK : REVENGE_FAILED; }

static void handle_signal(int number) { (void)number; }
DEED(take_signal) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handle_signal;
  return sigaction(SIGUSR2, &action, NULL) == 0 ? REVENGE_OK : REVENGE_FAILED;
}

DEED(spin_for_ever) {
  for (volatile unsigned long turns = 1; turns != 0; turns |= 1) {
  }
  return REVENGE_OK;
}
DEED(exit_quickly) { quick_exit(3); }

/* The trial of a library happens in a child that is called with --probe. */
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
DEED(crash_unless_on_trial) {
  if (!is_on_trial()) __builtin_trap();
  return REVENGE_OK;
}

static void* rest_for_ever(void* unused) {
  for (;;) pause();
  return unused;
}
DEED(start_own_thread) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, rest_for_ever, NULL) == 0) pthread_detach(thread);
  return REVENGE_OK;
}

static pthread_key_t key;
static void end_value(void* value) { (void)value; }
DEED(make_key) {
  if (pthread_key_create(&key, end_value) == 0) pthread_setspecific(key, &key);
  return REVENGE_OK;
}

/* The child has everything the host has; it ends with the thread that made it. */
DEED(fork_without_exec) {
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) pause();
  }
  return REVENGE_OK;
}

DEED(leak_descriptors) {
  for (int i = 0; i < 200; i++) {
    if (open("/dev/null", O_RDONLY) < 0) return REVENGE_IO;
  }
  return REVENGE_OK;
}

#include "member_life.h"
