/* A disk that forgets: LD_PRELOAD this, and what no fsync has asked for is not there after a cut.

   Programs read and write below DISK_SHIM_FILES as ever. Beside it lies DISK_SHIM_DISK, what a
   power cut would leave: DISK_SHIM_DISK/durable holds each file as of its last fsync or fdatasync,
   DISK_SHIM_DISK/dirty a bitmap of the blocks written since. They are files, so that what one
   process writes another one's fsync finds, and so that kill -9 of everybody is the power cut.

   - A write marks its blocks; fsync copies the marked blocks, and the length, and returns. Of a
     write that no fsync followed, nothing is left: the harshest disk there could be. A kill in the
     middle of an fsync leaves some of its blocks old and some new, as a real cut would.
   - Making, removing and renaming files is durable at once, without an fsync of the directory. A
     new file's length and content are not.
   - sync_file_range, sync and writeback hints promise nothing, here as in Linux.
   - Memory maps are not seen: neither database writes data by them (SQLite's -shm is rebuilt).
     Files above 1 GiB, O_DIRECT and copy_file_range are not supported, and end the process. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BLOCK = 4096, BLOCKS = 1 << 18, MAP_BYTES = BLOCKS / 8, FDS = 65536 };

typedef _Atomic unsigned char bits;

static const char *files, *disk;
static size_t files_length;
static bits *map_of[FDS];          /* the bitmap of each file we may write, by descriptor */
static char is_stream[FDS];        /* written by stdio, behind our back: fsync copies all of it */

/* The name of a function, and the one it stands before. */
#define NEXT(returns, name, ...)                                      \
    static returns (*next)(__VA_ARGS__);                              \
    if (!next) next = (returns (*)(__VA_ARGS__)) dlsym(RTLD_NEXT, #name)

static void give_up(const char *why, const char *path)
{
    dprintf(2, "disk shim: %s: %s (errno %d)\n", why, path, errno);
    abort();
}

__attribute__((constructor)) static void begin(void)
{
    files = getenv("DISK_SHIM_FILES");
    disk = getenv("DISK_SHIM_DISK");
    if (!files || !disk) give_up("not told where", "DISK_SHIM_FILES, DISK_SHIM_DISK");
    files = strdup(files), disk = strdup(disk);  /* PostgreSQL writes its title over both */
    files_length = strlen(files);
}

/* --- Names -------------------------------------------------------------------------------------- */

/* Say whether a path, absolute or not, lies below the files; if so, write where its twin lies. */
static int twin(const char *path, const char *kind, char *to)
{
    char absolute[PATH_MAX];
    if (!files) return 0;  /* before our constructor */
    if (path[0] != '/') {
        char here[PATH_MAX];
        if (!getcwd(here, sizeof here)) return 0;
        if (snprintf(absolute, sizeof absolute, "%s/%s", here, path) >= PATH_MAX) return 0;
        path = absolute;
    }
    if (strncmp(path, files, files_length) || path[files_length] != '/') return 0;
    return snprintf(to, PATH_MAX, "%s/%s%s", disk, kind, path + files_length) < PATH_MAX;
}

/* Write the name that an open file has now, after any renaming. */
static int name_of(int fd, char *path)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return !strstr(path, " (deleted)");
}

/* --- What is dirty ------------------------------------------------------------------------------ */

static int open_beside(const char *path, int flags)
{
    NEXT(int, open, const char *, int, ...);
    return next(path, flags | O_CLOEXEC, 0600);
}

static void close_beside(int fd)
{
    NEXT(int, close, int);
    next(fd);
}

static bits *map_bits(int fd)
{
    void *map = mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return map == MAP_FAILED ? NULL : map;
}

static void forget(int fd)
{
    if (fd < 0 || fd >= FDS) return;
    is_stream[fd] = 0;
    bits *map = map_of[fd];
    map_of[fd] = NULL;
    if (map) munmap((void *)map, MAP_BYTES);
}

static void mark(int fd, off_t from, off_t to)
{
    if (to > (off_t)BLOCKS * BLOCK) give_up("a file grew beyond what the shim can do", "1 GiB");
    bits *map = map_of[fd];
    for (off_t block = from / BLOCK; map && block * BLOCK < to; block++)
        atomic_fetch_or(&map[block / 8], 1 << block % 8);
}

/* A length changed: whatever lies from there on is no longer what the disk has. */
static void mark_from(bits *map, off_t from)
{
    off_t block = from / BLOCK;
    for (; block % 8; block++) atomic_fetch_or(&map[block / 8], 1 << block % 8);
    for (off_t byte = block / 8; byte < MAP_BYTES; byte++) atomic_store(&map[byte], 0xff);
}

/* Begin to watch a file just opened for writing. */
static void watch(int fd, int flags)
{
    char path[PATH_MAX], durable[PATH_MAX], dirty[PATH_MAX];
    int error = errno;
    if (fd < 0) return;
    if (fd >= FDS) give_up("a descriptor beyond what the shim can do", "65536");
    forget(fd);
    if ((flags & O_ACCMODE) == O_RDONLY || !name_of(fd, path)) goto done;
    if (!twin(path, "durable", durable) || !twin(path, "dirty", dirty)) goto done;
    struct stat is;
    if (fstat(fd, &is) || !S_ISREG(is.st_mode)) goto done;
    if (flags & O_DIRECT) give_up("O_DIRECT", path);
    int twin_fd = open_beside(durable, O_WRONLY | O_CREAT);
    if (twin_fd < 0) give_up("no twin", durable);
    close_beside(twin_fd);
    int map_fd = open_beside(dirty, O_RDWR | O_CREAT);
    if (map_fd < 0) give_up("no bitmap", dirty);
    if (!fstat(map_fd, &is) && is.st_size < MAP_BYTES) {
        NEXT(int, ftruncate, int, off_t);
        if (next(map_fd, MAP_BYTES)) give_up("no room for a bitmap", dirty);
    }
    if (!(map_of[fd] = map_bits(map_fd))) give_up("no bitmap", dirty);
    close_beside(map_fd);
    if (flags & O_TRUNC) mark_from(map_of[fd], 0);
done:
    errno = error;
}

/* --- Opening and closing ------------------------------------------------------------------------ */

#define MODE_OF(flags, mode)                          \
    mode_t mode = 0;                                  \
    if ((flags) & (O_CREAT | O_TMPFILE)) {            \
        va_list rest;                                 \
        va_start(rest, flags);                        \
        mode = va_arg(rest, mode_t);                  \
        va_end(rest);                                 \
    }

int open(const char *path, int flags, ...)
{
    NEXT(int, open, const char *, int, ...);
    MODE_OF(flags, mode)
    int fd = next(path, flags, mode);
    watch(fd, flags);
    return fd;
}
int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int openat(int at, const char *path, int flags, ...)
{
    NEXT(int, openat, int, const char *, int, ...);
    MODE_OF(flags, mode)
    int fd = next(at, path, flags, mode);
    watch(fd, flags);
    return fd;
}
int openat64(int at, const char *path, int flags, ...) __attribute__((alias("openat")));

int __open_2(const char *path, int flags) { return open(path, flags); }
int __open64_2(const char *path, int flags) { return open(path, flags); }
int __openat_2(int at, const char *path, int flags) { return openat(at, path, flags); }
int __openat64_2(int at, const char *path, int flags) { return openat(at, path, flags); }

int creat(const char *path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) __attribute__((alias("creat")));

FILE *fopen(const char *path, const char *mode)
{
    NEXT(FILE *, fopen, const char *, const char *);
    FILE *stream = next(path, mode);
    if (stream && strpbrk(mode, "wa+")) {
        watch(fileno(stream), O_RDWR | (mode[0] == 'w' ? O_TRUNC : 0));
        is_stream[fileno(stream)] = 1;
    }
    return stream;
}
FILE *fopen64(const char *path, const char *mode) __attribute__((alias("fopen")));

int fclose(FILE *stream)
{
    NEXT(int, fclose, FILE *);
    forget(fileno(stream));
    return next(stream);
}

int close(int fd)
{
    NEXT(int, close, int);
    forget(fd);
    return next(fd);
}

/* --- Writing ------------------------------------------------------------------------------------ */

#define IS_WATCHED(fd) ((fd) >= 0 && (fd) < FDS && map_of[fd])

/* Mark what was just written at the place where the file stands. */
static ssize_t mark_here(int fd, ssize_t count)
{
    if (count > 0 && IS_WATCHED(fd)) {
        off_t end = lseek(fd, 0, SEEK_CUR);
        mark(fd, end - count, end);
    }
    return count;
}

static ssize_t mark_there(int fd, ssize_t count, off_t at)
{
    if (count > 0 && IS_WATCHED(fd)) mark(fd, at, at + count);
    return count;
}

ssize_t write(int fd, const void *data, size_t count)
{
    NEXT(ssize_t, write, int, const void *, size_t);
    return mark_here(fd, next(fd, data, count));
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    NEXT(ssize_t, writev, int, const struct iovec *, int);
    return mark_here(fd, next(fd, parts, count));
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t at)
{
    NEXT(ssize_t, pwrite, int, const void *, size_t, off_t);
    return mark_there(fd, next(fd, data, count, at), at);
}
ssize_t pwrite64(int fd, const void *data, size_t count, off_t at)
    __attribute__((alias("pwrite")));

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
    NEXT(ssize_t, pwritev, int, const struct iovec *, int, off_t);
    return mark_there(fd, next(fd, parts, count, at), at);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t at)
    __attribute__((alias("pwritev")));

int ftruncate(int fd, off_t length)
{
    NEXT(int, ftruncate, int, off_t);
    int failed = next(fd, length);
    if (!failed && IS_WATCHED(fd)) mark_from(map_of[fd], length);
    return failed;
}
int ftruncate64(int fd, off_t length) __attribute__((alias("ftruncate")));

int truncate(const char *path, off_t length)
{
    int fd = open(path, O_WRONLY);
    int failed = fd < 0 ? -1 : ftruncate(fd, length);
    if (fd >= 0) close(fd);
    return failed;
}
int truncate64(const char *path, off_t length) __attribute__((alias("truncate")));

ssize_t copy_file_range(int in, off_t *from, int out, off_t *to, size_t count, unsigned flags)
{
    give_up("copy_file_range", "not supported");
    return -1;
}

/* --- Keeping ------------------------------------------------------------------------------------ */

static void copy_block(int from, int to, off_t block)
{
    char data[BLOCK];
    NEXT(ssize_t, pwrite, int, const void *, size_t, off_t);
    ssize_t count = pread(from, data, BLOCK, block * BLOCK);
    if (count > 0 && next(to, data, count, block * BLOCK) != count)
        give_up("the disk is full", "durable");
}

/* Copy what is dirty. The bits are cleared first: a write that comes meanwhile marks them again. */
static void copy_dirty(bits *map, int from, int to)
{
    struct stat is;
    if (fstat(from, &is)) give_up("no length", "fsync");
    for (off_t byte = 0; byte * 8 * BLOCK < is.st_size; byte++) {
        if (!atomic_load(&map[byte])) continue;
        unsigned char taken = atomic_exchange(&map[byte], 0);
        for (int bit = 0; bit < 8; bit++)
            if (taken & 1 << bit) copy_block(from, to, byte * 8 + bit);
    }
    NEXT(int, ftruncate, int, off_t);
    if (next(to, is.st_size)) give_up("no length", "durable");
}

/* Bring the durable twin of a file up to what the file is now. One at a time for each file: a
   second fsync must not return before what it found no longer marked has been copied. */
static int keep(int fd)
{
    char path[PATH_MAX], durable[PATH_MAX], dirty[PATH_MAX], itself[64];
    int error = errno;
    if (fcntl(fd, F_GETFD) < 0) return -1;
    if (!name_of(fd, path) || !twin(path, "durable", durable) || !twin(path, "dirty", dirty)) {
        errno = error;
        return 0;
    }
    int map_fd = open_beside(dirty, O_RDWR);  /* none: never written, or a directory */
    if (map_fd >= 0) {
        while (flock(map_fd, LOCK_EX) && errno == EINTR) {}
        snprintf(itself, sizeof itself, "/proc/self/fd/%d", fd);
        int from = open_beside(itself, O_RDONLY), to = open_beside(durable, O_WRONLY | O_CREAT);
        bits *map = map_bits(map_fd);
        if (from < 0 || to < 0 || !map) give_up("cannot keep", path);
        if (fd < FDS && is_stream[fd]) mark_from(map, 0);
        copy_dirty(map, from, to);
        munmap((void *)map, MAP_BYTES);
        close_beside(from), close_beside(to), close_beside(map_fd);
    }
    errno = error;
    return 0;
}

int fsync(int fd) { return keep(fd); }
int fdatasync(int fd) { return keep(fd); }

/* --- Names that change: durable at once --------------------------------------------------------- */

/* Do to the twins what was done to a file. */
#define TWICE(path, act)                                         \
    do {                                                         \
        char beside[PATH_MAX];                                   \
        int error = errno;                                       \
        if (twin(path, "durable", beside)) act;                  \
        if (twin(path, "dirty", beside)) act;                    \
        errno = error;                                           \
    } while (0)

int unlink(const char *path)
{
    NEXT(int, unlink, const char *);
    int failed = next(path);
    if (!failed) TWICE(path, next(beside));
    return failed;
}

int mkdir(const char *path, mode_t mode)
{
    NEXT(int, mkdir, const char *, mode_t);
    int failed = next(path, mode);
    if (!failed) TWICE(path, next(beside, mode));
    return failed;
}

int rmdir(const char *path)
{
    NEXT(int, rmdir, const char *);
    int failed = next(path);
    if (!failed) TWICE(path, next(beside));
    return failed;
}

/* A file never opened for writing has no bitmap, and so the one of its new name must go. */
static void rename_twin(const char *from, const char *to, const char *kind,
                        int (*act)(const char *, const char *))
{
    char old[PATH_MAX], new[PATH_MAX];
    if (!twin(from, kind, old) || !twin(to, kind, new)) return;
    NEXT(int, unlink, const char *);
    if (act(old, new)) next(new);
}

int rename(const char *from, const char *to)
{
    NEXT(int, rename, const char *, const char *);
    int failed = next(from, to), error = errno;
    if (!failed) rename_twin(from, to, "durable", next), rename_twin(from, to, "dirty", next);
    errno = error;
    return failed;
}

int link(const char *from, const char *to)
{
    NEXT(int, link, const char *, const char *);
    int failed = next(from, to), error = errno;
    if (!failed) rename_twin(from, to, "durable", next), rename_twin(from, to, "dirty", next);
    errno = error;
    return failed;
}
