/* A full disk for one program: preloaded, it refuses with ENOSPC whatever would make a file of the
 * database longer, as long as the file named by SERAI_TEST_FULL_DISK exists. The log of writes is
 * let through: who runs a database with care gives it a disk of its own, and a server whose log has
 * no room stops, which is another fault. */
/* NOLINTNEXTLINE(bugprone-reserved-identifier): the C library asks for this name */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int has_room(int fd, off_t end) {
  const char* full = getenv("SERAI_TEST_FULL_DISK");
  struct stat status;
  char link[64], path[4096];
  ssize_t length;
  if (full == NULL || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return 1;
  if (end <= status.st_size || access(full, F_OK) != 0) return 1;
  (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 1;
  path[length] = '\0';
  if (strstr(path, "/base/") == NULL) return 1;
  errno = ENOSPC;
  return 0;
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  static ssize_t (*real)(int, const void*, size_t, off64_t);
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "pwrite64");
  return has_room(fd, at + (off64_t)size) ? real(fd, bytes, size, at) : -1;
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  return pwrite64(fd, bytes, size, at);
}

ssize_t pwritev64(int fd, const struct iovec* pieces, int count, off64_t at) {
  static ssize_t (*real)(int, const struct iovec*, int, off64_t);
  off64_t end = at;
  int i;
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "pwritev64");
  for (i = 0; i < count; ++i) end += (off64_t)pieces[i].iov_len;
  return has_room(fd, end) ? real(fd, pieces, count, at) : -1;
}

ssize_t pwritev(int fd, const struct iovec* pieces, int count, off_t at) {
  return pwritev64(fd, pieces, count, at);
}
