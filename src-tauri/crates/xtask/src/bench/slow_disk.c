/*
 * A disk that is slow to confirm: every call that waits for it takes longer, and is counted.
 *
 * Preloaded into the product by `cargo xtask bench lanes`. SLOW_DISK_MS is what is added to each call,
 * milliseconds. Each call appends one byte to the file SLOW_DISK_CALLS, so that its length is their
 * number even when the program is killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void count(void)
{
    const char *path = getenv("SLOW_DISK_CALLS");
    if (path == NULL)
        return;
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0)
        return;
    if (write(file, "x", 1) != 1)
        abort(); /* a count that is too low would be believed */
    close(file);
}

static void delay(void)
{
    const char *text = getenv("SLOW_DISK_MS");
    long milliseconds = text == NULL ? 0 : strtol(text, NULL, 10);
    if (milliseconds <= 0)
        return;
    struct timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

static int slow(long result)
{
    int error = errno;
    count();
    delay();
    errno = error;
    return (int)result;
}

int fsync(int file)
{
    return slow(syscall(SYS_fsync, file));
}

int fdatasync(int file)
{
    return slow(syscall(SYS_fdatasync, file));
}

int sync_file_range(int file, off64_t from, off64_t bytes, unsigned int flags)
{
    return slow(syscall(SYS_sync_file_range, file, from, bytes, flags));
}
