/* A fuse for one program: preloaded, it kills that program, or another, at an exact moment of the
 * work with the database. The file named by SERAI_TEST_FUSE is the fuse: `MOMENT COUNT PID WORD`.
 *
 *   commit   right before SQLite writes what commits a transaction to a log of writes
 *   synced   right after such a log was synced: the transaction is there, nobody has been told
 *   sent     right before a message goes to a PostgreSQL server
 *
 * The COUNT-th such moment counts, of logs with WORD in their path or messages with WORD in them.
 * PID 0 is the program itself, killed with SIGKILL; another gets SIGQUIT, by which PostgreSQL
 * crashes. The file is gone before the signal is sent. */
/* NOLINTNEXTLINE(bugprone-reserved-identifier): the C library asks for this name */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct fuse {
  char moment[16], word[128];
  int count, pid;
};

static atomic_int passed;
static atomic_llong laid; /* when the fuse was that they are counted for */

static int number(const char* word, int* out) {
  char* end = NULL;
  if (word == NULL) return 0;
  *out = (int)strtol(word, &end, 10);
  return end != word && *end == '\0';
}

static int copy(const char* word, char* out, size_t room) {
  if (word == NULL || strlen(word) >= room) return 0;
  return snprintf(out, room, "%s", word) >= 0;
}

/* "MOMENT COUNT PID WORD"; zero: it is no such text. Changes it. */
static int parse(char* text, struct fuse* fuse) {
  static const char gaps[] = " \t\n";
  char* rest = NULL;
  return copy(strtok_r(text, gaps, &rest), fuse->moment, sizeof fuse->moment) &&
         number(strtok_r(NULL, gaps, &rest), &fuse->count) &&
         number(strtok_r(NULL, gaps, &rest), &fuse->pid) &&
         copy(strtok_r(NULL, gaps, &rest), fuse->word, sizeof fuse->word);
}

static int read_fuse(struct fuse* fuse) {
  const char* path = getenv("SERAI_TEST_FUSE");
  char text[256];
  ssize_t size;
  struct stat status;
  long long since;
  const int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  size = read(file, text, sizeof text - 1);
  if (fstat(file, &status) != 0) size = 0;
  close(file);
  if (size <= 0) return 0;
  text[size] = '\0';
  since = status.st_mtim.tv_sec * 1000000000LL + status.st_mtim.tv_nsec;
  if (atomic_exchange(&laid, since) != since) atomic_store(&passed, 0);
  return parse(text, fuse);
}

static void passes(const struct fuse* fuse) {
  const char* path = getenv("SERAI_TEST_FUSE");
  if (atomic_fetch_add(&passed, 1) + 1 != fuse->count || path == NULL) return;
  unlink(path);
  if (fuse->pid == 0)
    kill(getpid(), SIGKILL);
  else
    kill(fuse->pid, SIGQUIT);
}

/* Whether the file is a log of writes of a database that is meant. */
static int is_log(int file, const struct fuse* fuse) {
  char link[64], path[4096];
  ssize_t length;
  (void)snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  length = readlink(link, path, sizeof path - 1);
  if (length < 4) return 0;
  path[length] = '\0';
  return strcmp(path + length - 4, "-wal") == 0 && strstr(path, fuse->word) != NULL;
}

/* A frame's head has 24 bytes; the size of the database in the second four is that of a commit. */
ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
  static ssize_t (*real)(int, const void*, size_t, off64_t);
  static const char none[4];
  struct fuse fuse;
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "pwrite64");
  if (size == 24 && memcmp((const char*)bytes + 4, none, 4) != 0 && read_fuse(&fuse) &&
      strcmp(fuse.moment, "commit") == 0 && is_log(file, &fuse))
    passes(&fuse);
  return real(file, bytes, size, at);
}

int fdatasync(int file) {
  static int (*real)(int);
  struct fuse fuse;
  int done;
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "fdatasync");
  done = real(file);
  if (read_fuse(&fuse) && strcmp(fuse.moment, "synced") == 0 && is_log(file, &fuse)) passes(&fuse);
  return done;
}

static int is_postgres(int socket) {
  struct sockaddr_un peer;
  socklen_t size = sizeof peer;
  memset(&peer, 0, sizeof peer);
  return getpeername(socket, (struct sockaddr*)&peer, &size) == 0 && peer.sun_family == AF_UNIX &&
         strstr(peer.sun_path, ".s.PGSQL.") != NULL;
}

ssize_t send(int socket, const void* bytes, size_t size, int flags) {
  static ssize_t (*real)(int, const void*, size_t, int);
  struct fuse fuse;
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "send");
  if (read_fuse(&fuse) && strcmp(fuse.moment, "sent") == 0 && is_postgres(socket) &&
      memmem(bytes, size, fuse.word, strlen(fuse.word)) != NULL)
    passes(&fuse);
  return real(socket, bytes, size, flags);
}
