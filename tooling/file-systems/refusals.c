/*
 * Lets calls to the file system fail as some file systems let them fail: LD_PRELOAD this, with REFUSE=fsync:22,link:1
 * (calls and their errno) and BELOW=/path (only files below it; other files work as ever). `fsync-dir` is fsync of a
 * directory. With UNTYPED=1 no directory says whether an entry is a file.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static int is_below(const char *path) {
  const char *below = getenv("BELOW");
  return below != NULL && path != NULL && strncmp(path, below, strlen(below)) == 0;
}

/* The errno for a call, 0 for none. */
static int wanted(const char *call) {
  const char *list = getenv("REFUSE");
  size_t length = strlen(call);
  while (list != NULL && *list != '\0') {
    if (strncmp(list, call, length) == 0 && list[length] == ':') return atoi(list + length + 1);
    list = strchr(list, ',');
    if (list != NULL) list++;
  }
  return 0;
}

static int refused_path(const char *call, const char *path) {
  int error = wanted(call);
  if (error == 0 || !is_below(path)) return 0;
  errno = error;
  return 1;
}

static int refused_file(const char *call, int fd) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = '\0';
  return refused_path(call, path);
}

static int is_directory(int fd) {
  struct stat found;
  return fstat(fd, &found) == 0 && S_ISDIR(found.st_mode);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int fd) { return refused_file(is_directory(fd) ? "fsync-dir" : "fsync", fd) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return refused_file("fdatasync", fd) ? -1 : REAL(fdatasync)(fd); }
int fchmod(int fd, mode_t mode) { return refused_file("fchmod", fd) ? -1 : REAL(fchmod)(fd, mode); }
int chmod(const char *path, mode_t mode) { return refused_path("chmod", path) ? -1 : REAL(chmod)(path, mode); }
int link(const char *from, const char *to) { return refused_path("link", to) ? -1 : REAL(link)(from, to); }
int rename(const char *from, const char *to) { return refused_path("rename", to) ? -1 : REAL(rename)(from, to); }
ssize_t write(int fd, const void *bytes, size_t count) {
  return refused_file("write", fd) ? -1 : REAL(write)(fd, bytes, count);
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
  return refused_file("write", fd) ? -1 : REAL(pwrite64)(fd, bytes, count, at);
}

struct dirent64 *readdir64(DIR *directory) {
  struct dirent64 *entry = REAL(readdir64)(directory);
  if (entry != NULL && getenv("UNTYPED") != NULL) entry->d_type = DT_UNKNOWN;
  return entry;
}
struct dirent *readdir(DIR *directory) {
  struct dirent *entry = REAL(readdir)(directory);
  if (entry != NULL && getenv("UNTYPED") != NULL) entry->d_type = DT_UNKNOWN;
  return entry;
}
