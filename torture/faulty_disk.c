/* A disk that misbehaves on command, and a wall clock that jumps: loaded into the agent by LD_PRELOAD.
 *
 * Only files with LOBBY_FILE ("journal.sqlite") in their path are touched (not the -shm file, which is memory). What to
 * do stands in a shared page (LOBBY_FAULTS), written by the torture while the agent runs. What is not yet
 * synced is noted in an undo log per file (folder LOBBY_UNDO), so that after a kill the torture can take
 * away what a power cut would have taken. The layouts have their twins in faults.py and power_cut.py.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { HEALTHY, FULL, IO_ERROR, READ_ONLY, SLOW_SYNC, SYNC_ERROR, TORN_WRITE, CRASH_BEFORE_SYNC, CRASH_AFTER_SYNC, UNEVEN_SYNC };

struct faults {
    int32_t mode, slow_ms;
    int32_t passes;  /* operations of the kind that the mode hits which still go well */
    int32_t torn_at; /* bytes of a torn write that arrive */
    int64_t clock_s; /* how far the wall clock is off; the clocks since boot never are */
    uint64_t writes, syncs, hits, crashes;
};

/* kind: 'W' a write or truncation, 'S' synced, 'F' sync failed. `kept` old bytes follow the record. */
struct record {
    uint32_t magic, kind;
    int64_t offset, size, length, kept; /* size: of the file before */
};
#define MAGIC 0x4f444e55u

static struct { char path[512]; int log, doomed; } files[16];
static struct faults none, *faults = &none;
static const char *ours = "journal.sqlite";
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
    const char *page = getenv("LOBBY_FAULTS"), *parent = getenv("LOBBY_PARENT");
    if (parent && atoi(parent) == getppid()) prctl(PR_SET_PDEATHSIG, SIGKILL); /* no victim outlives it */
    if (getenv("LOBBY_FILE")) ours = getenv("LOBBY_FILE");
    int fd = page ? open(page, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *at = mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at != MAP_FAILED) faults = at;
    close(fd);
}

static void crash(void) {
    __atomic_add_fetch(&faults->crashes, 1, __ATOMIC_SEQ_CST);
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Whether this operation is hit: its mode is on and the passes are used up. */
static int hit(void) {
    if (__atomic_sub_fetch(&faults->passes, 1, __ATOMIC_SEQ_CST) >= 0) return 0;
    __atomic_add_fetch(&faults->hits, 1, __ATOMIC_SEQ_CST);
    return 1;
}

/* --- which files, and their undo logs --------------------------------------------------------------- */

static int is_ours(const char *path) {
    size_t length = strlen(path);
    return strstr(path, ours) && length < sizeof files[0].path
        && strcmp(path + length - 4, "-shm") && !strchr(path, ' '); /* " (deleted)" */
}

/* Whether this descriptor is of a file of ours, and which. Takes no lock: signal handlers write too. */
static int path_of(int fd, char *path, size_t room) {
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, room - 1);
    if (length < 14 || path[0] != '/') return 0;
    path[length] = 0;
    return is_ours(path);
}

/* A log left by a life before may hold a failed sync. */
static int holds_failure(int log) {
    struct record one;
    for (int64_t at = 0; pread(log, &one, sizeof one, at) == sizeof one; at += sizeof one + one.kept)
        if (one.kind == 'F') return 1;
    return 0;
}

/* The place of this path in `files`. Call with the lock held. */
static int place_of(const char *path) {
    int i = 0;
    while (files[i].path[0] && strcmp(files[i].path, path))
        if (++i == 16) abort();
    if (files[i].path[0]) return i;
    char name[1200];
    int at = snprintf(name, 600, "%s/", getenv("LOBBY_UNDO"));
    for (const char *c = path; *c; c++) name[at++] = *c == '/' ? '%' : *c;
    name[at] = 0;
    files[i].log = open(name, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (files[i].log < 0) abort();
    files[i].doomed = holds_failure(files[i].log);
    strcpy(files[i].path, path);
    return i;
}

/* Before bytes change: what stands there now. */
static void note(int place, int fd, uint32_t kind, int64_t offset, int64_t length) {
    struct stat now;
    fstat(fd, &now);
    int64_t left = now.st_size > offset ? now.st_size - offset : 0, kept = left < length ? left : length;
    struct record head = {MAGIC, kind, offset, now.st_size, length, kept};
    char *line = malloc(sizeof head + kept);
    memcpy(line, &head, sizeof head);
    if (kept && pread(fd, line + sizeof head, kept, offset) != kept) abort();
    if (syscall(SYS_write, files[place].log, line, sizeof head + kept) < 0) abort();
    free(line);
}

/* --- writing ---------------------------------------------------------------------------------------- */

static int writing_fails(void) {
    if (faults->mode == FULL) return ENOSPC;
    if (faults->mode == IO_ERROR) return EIO;
    return faults->mode == READ_ONLY ? EROFS : 0;
}

static ssize_t write_at(int place, int fd, const void *bytes, size_t length, int64_t offset) {
    faults->writes++;
    int failure = writing_fails();
    if (failure && hit()) { /* a full disk takes what still fits */
        length = failure == ENOSPC && length > 512 ? 512 : 0;
        if (!length) return errno = failure, -1;
    }
    int torn = faults->mode == TORN_WRITE && hit();
    if (torn && (size_t)faults->torn_at < length) length = faults->torn_at;
    note(place, fd, 'W', offset, length);
    ssize_t done = syscall(SYS_pwrite64, fd, bytes, length, offset);
    if (torn) crash();
    return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    char path[520];
    if (!path_of(fd, path, sizeof path)) return syscall(SYS_pwrite64, fd, bytes, length, offset);
    pthread_mutex_lock(&one_at_a_time);
    ssize_t done = write_at(place_of(path), fd, bytes, length, offset);
    pthread_mutex_unlock(&one_at_a_time);
    return done;
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }
ssize_t write(int fd, const void *bytes, size_t length) {
    char path[520];
    if (!path_of(fd, path, sizeof path)) return syscall(SYS_write, fd, bytes, length);
    int64_t at = lseek(fd, 0, fcntl(fd, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR);
    ssize_t done = pwrite64(fd, bytes, length, at);
    if (done > 0) lseek(fd, at + done, SEEK_SET);
    return done;
}

int ftruncate64(int fd, off64_t size) {
    char path[520];
    if (!path_of(fd, path, sizeof path)) return syscall(SYS_ftruncate, fd, size);
    pthread_mutex_lock(&one_at_a_time);
    int failure = writing_fails(), done = -1;
    if (failure && failure != ENOSPC && hit()) errno = failure;
    else {
        struct stat now;
        fstat(fd, &now);
        note(place_of(path), fd, 'W', size, now.st_size > size ? now.st_size - size : 0);
        done = syscall(SYS_ftruncate, fd, size);
    }
    pthread_mutex_unlock(&one_at_a_time);
    return done;
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

/* A file that is gone has nothing to undo. */
int unlink(const char *path) {
    if (is_ours(path)) {
        pthread_mutex_lock(&one_at_a_time);
        int place = place_of(path);
        files[place].doomed = syscall(SYS_ftruncate, files[place].log, 0);
        pthread_mutex_unlock(&one_at_a_time);
    }
    return syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

/* --- syncing ---------------------------------------------------------------------------------------- */

/* A disk that cannot write cannot sync either, from the first failed write on: what was written whole and
 * then neither synced nor undone could be nobody's fault. */
static int syncing_fails(void) {
    if (faults->mode == SYNC_ERROR) return hit();
    return faults->mode == IO_ERROR && faults->passes < 0;
}

/* After a failed sync the kernel takes the pages for clean: no later sync brings them to the disk. */
static int sync_noted(int place, int fd, long how) {
    faults->syncs++;
    if (faults->mode == CRASH_BEFORE_SYNC && hit()) crash();
    if (syncing_fails()) {
        note(place, fd, 'F', 0, 0);
        files[place].doomed = 1;
        return errno = EIO, -1;
    }
    int done = syscall(how, fd);
    if (!done && files[place].doomed) note(place, fd, 'S', 0, 0);
    else if (!done && syscall(SYS_ftruncate, files[place].log, 0)) abort();
    if (faults->mode == CRASH_AFTER_SYNC && hit()) crash();
    return done;
}

/* Exponentially spread: one in a hundred takes slow_ms or longer, the mean is less than a quarter of it. */
static double uneven_ms(void) {
    static uint64_t state = 88172645463325252u; /* xorshift64 */
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return -log((double)(state >> 11 | 1) / (1ull << 53)) * faults->slow_ms / log(100);
}

static int sync_file(int fd, long how) {
    char path[520];
    if (!path_of(fd, path, sizeof path)) return syscall(how, fd);
    pthread_mutex_lock(&one_at_a_time);
    int done = sync_noted(place_of(path), fd, how);
    pthread_mutex_unlock(&one_at_a_time);
    if (faults->mode == SLOW_SYNC && hit()) usleep(1000 * faults->slow_ms);
    if (faults->mode == UNEVEN_SYNC && hit()) usleep(1000 * uneven_ms());
    return done;
}
int fsync(int fd) { return sync_file(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_file(fd, SYS_fdatasync); }

/* --- the wall clock --------------------------------------------------------------------------------- */

int clock_gettime(clockid_t clock, struct timespec *at) {
    int done = syscall(SYS_clock_gettime, clock, at);
    if (!done && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI))
        at->tv_sec += faults->clock_s;
    return done;
}
int gettimeofday(struct timeval *at, void *zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    return at->tv_sec = now.tv_sec, at->tv_usec = now.tv_nsec / 1000, 0;
}
time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
