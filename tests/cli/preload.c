// What a system may do that no test can ask of it: locks that are refused, as on a network drive without them, and
// a clock that is set while a program runs. Loaded before the C library's own functions.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>

static int refuses_locks(void) { return getenv("TEST_NO_LOCKS") != NULL; }

int flock(int file, int operation) {
  static int (*real)(int, int);
  if (refuses_locks()) {
    errno = ENOLCK;
    return -1;
  }
  if (!real) real = dlsym(RTLD_NEXT, "flock");
  return real(file, operation);
}

#define CONTROL(name)                                                           \
  int name(int file, int command, ...) {                                        \
    static int (*real)(int, int, ...);                                          \
    va_list rest;                                                               \
    va_start(rest, command);                                                    \
    void *argument = va_arg(rest, void *);                                      \
    va_end(rest);                                                               \
    int locks = command == F_SETLK || command == F_SETLKW || command == F_GETLK; \
    if (locks && refuses_locks()) {                                             \
      errno = ENOLCK;                                                           \
      return -1;                                                                \
    }                                                                           \
    if (!real) real = dlsym(RTLD_NEXT, #name);                                  \
    return real(file, command, argument);                                       \
  }
CONTROL(fcntl)
CONTROL(fcntl64)

// Seconds that the clock is ahead, from a file that may change at any time.
static long ahead(void) {
  const char *path = getenv("TEST_CLOCK_AHEAD");
  long seconds = 0;
  FILE *file = path ? fopen(path, "r") : NULL;
  if (!file) return 0;
  if (fscanf(file, "%ld", &seconds) != 1) seconds = 0;
  fclose(file);
  return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(clock, now);
  if (result == 0 && clock == CLOCK_REALTIME) now->tv_sec += ahead();
  return result;
}
