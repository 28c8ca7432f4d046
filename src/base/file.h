/*
 * base/file.h - files and directories; the only folder that changes any
 *
 * Paths are NUL-terminated bytes of any kind. Nothing here keeps state; any thread. Each failure
 * names the path.
 */
#ifndef MIA_BASE_FILE_H
#define MIA_BASE_FILE_H

#include "mia/status.h"

enum mia__file_kind {
    MIA__FILE_NONE, /* nothing there, or not reachable */
    MIA__FILE_REGULAR,
    MIA__FILE_DIRECTORY,
    MIA__FILE_OTHER
};

/* What path names; symbolic links are followed. */
enum mia__file_kind mia__file_kind(const char *path);
bool mia__file_exists(const char *path); /* a dangling symbolic link exists too */
/* directory + "/" + name; NULL when there is no memory. Free with mia__free. */
char *mia__path_join(const char *directory, const char *name);
/* The directory that holds path, "." for a bare name; trailing slashes do not count. */
char *mia__path_parent(const char *path);
/* The path of what is at path, from the root on and without links. Free with mia__free. */
mia_status mia__path_absolute(const char *path, char **absolute, struct mia_error *err);
/* path, or the nearest directory above it that is there. Free with mia__free; NULL: no memory. */
char *mia__path_existing(const char *path);
/* path without trailing slashes (the root stays). */
char *mia__path_trim(const char *path);

/* Reads up to size bytes at offset; *got says how many there were. */
mia_status mia__file_read(const char *path, uint64_t offset, void *to, size_t size, size_t *got,
                          struct mia_error *err);
/* Size, and the time of the last change in ns since 1970. */
struct mia__file_stat {
    uint64_t size;
    int64_t changed_ns;
};
mia_status mia__file_stat(const char *path, struct mia__file_stat *out, struct mia_error *err);

/* A whole file in the address space, read-only. An empty one has bytes NULL. */
struct mia__map {
    const uint8_t *bytes;
    uint64_t size;
};
mia_status mia__file_map(const char *path, struct mia__map *map, struct mia_error *err);
void mia__file_unmap(struct mia__map *map); /* {0} is fine */
/* The bytes looked at so far no longer count as memory of this process; the map stays valid. */
void mia__file_forget(const struct mia__map *map);
/* Size of an open file; of a lock's, too. Moves its position. */
mia_status mia__fd_size(int fd, uint64_t *bytes, struct mia_error *err);

/* Writes all the bytes at an open file's position; path is for the message. */
mia_status mia__fd_write(int fd, const char *path, const void *from, size_t size,
                         struct mia_error *err);
/* A new file, written from front to back; MIA_ERR_IO if something is at path already. Nothing is
 * durable before mia__dir_sync_tree. */
struct mia__file_writer;
mia_status mia__file_create(const char *path, struct mia__file_writer **file,
                            struct mia_error *err);
mia_status mia__file_append(struct mia__file_writer *file, const void *data, size_t size,
                            struct mia_error *err);
/* Frees the writer, whatever it answers: some file systems report a failed write only here. */
mia_status mia__file_close(struct mia__file_writer *file, struct mia_error *err);
void mia__file_abandon(struct mia__file_writer *file); /* leaves what was written; NULL is fine */
/* As mia__file_create, for what is read again soon and then removed: the disk is not told to begin
 * with it. */
mia_status mia__file_create_scratch(const char *path, struct mia__file_writer **file,
                                    struct mia_error *err);
/* As mia__file_create, but what is at path is written over, unless it is no regular file. For files
 * that get their name later, by mia__rename_over. */
mia_status mia__file_create_over(const char *path, struct mia__file_writer **file,
                                 struct mia_error *err);
/* Returns when all that was written is on disk. */
mia_status mia__file_sync(struct mia__file_writer *file, struct mia_error *err);
/* A file with these bytes, one part behind the other, in place of what is at path: whoever looks,
 * whenever the machine stops, sees the old file or the new one. It is made as path.tmp, over what
 * is left of an earlier one; what fails leaves none. One writer at a time. */
mia_status mia__file_replace(const char *path, const mia_slice *parts, size_t count,
                             struct mia_error *err);
/* MIA_OK if there is none. */
mia_status mia__file_remove(const char *path, struct mia_error *err);
/* Frees the writer and removes the file: a disk that is full gets its space back. NULL is fine. */
void mia__file_discard(struct mia__file_writer *file);

/* Brings an open file's data down to the disk; what fails here fails again in the caller's sync. */
void mia__fd_sync_ahead(int fd);
/* Has the system begin to bring it there, where it can, without waiting. */
void mia__fd_write_ahead(int fd);

/* Takes a shared flock on a file opened for reading; nothing is written. MIA_ERR_BUSY when another
 * process holds it exclusively. Release with mia__file_unlock. */
mia_status mia__file_lock_shared(const char *path, int *lock, struct mia_error *err);
/* An exclusive flock on a directory; MIA_ERR_BUSY when another process has it. */
mia_status mia__dir_lock(const char *path, int *lock, struct mia_error *err);
void mia__file_unlock(int lock); /* -1 is fine */

mia_status mia__dir_create(const char *path, struct mia_error *err);
/* The directories above path that are not there, durably. */
mia_status mia__dir_create_parents(const char *path, struct mia_error *err);
/* A new directory below parent whose name begins with prefix; *path is to be freed. */
mia_status mia__dir_create_temporary(const char *parent, const char *prefix, char **path,
                                     struct mia_error *err);
/* Makes the entries of a directory durable. */
mia_status mia__dir_sync(const char *path, struct mia_error *err);
/* The same for the directory that holds path. */
mia_status mia__dir_sync_holder(const char *path, struct mia_error *err);
/* Makes the files in a directory and below it durable, and the entries of all its directories. */
mia_status mia__dir_sync_tree(const char *path, struct mia_error *err);
/* Removes a directory and all below it; symbolic links are removed, not followed. MIA_OK if there
 * is none. */
mia_status mia__dir_remove_tree(const char *path, struct mia_error *err);
/* Removes a directory if nothing is in it. */
void mia__dir_remove_empty(const char *path);
/* Calls fn (NULL: only looks whether that is possible) for every entry but "." and ".."; a negative
 * answer ends the walk and is returned. */
typedef mia_status (*mia__entry_fn)(void *ctx, const char *name, struct mia_error *err);
mia_status mia__dir_each(const char *path, mia__entry_fn fn, void *ctx, struct mia_error *err);
/* Bytes of the regular files in a directory and below it. */
mia_status mia__dir_size(const char *path, uint64_t *bytes, struct mia_error *err);
/* True if this process may create entries in the directory. */
bool mia__dir_is_writable(const char *path);
/* MIA_OK if this process may read the file; otherwise as an attempt to open it would fail. */
mia_status mia__file_may_read(const char *path, struct mia_error *err);

/* Renames in one step and makes it durable; MIA_ERR_INVALID if something is at `to` already. */
mia_status mia__rename_noreplace(const char *from, const char *to, struct mia_error *err);

/* The same, but what is at `to` is replaced: whoever looks sees the old file or the new one. */
mia_status mia__rename_over(const char *from, const char *to, struct mia_error *err);

/* Bytes that an unprivileged process may still write on path's file system. */
mia_status mia__disk_free(const char *path, uint64_t *bytes, struct mia_error *err);
/* "NFS" and so on if path lies on a network file system, else NULL. Static string. */
const char *mia__network_file_system(const char *path);
/* True if path, which must exist, is the directory or lies below it, whatever links lead there. */
bool mia__path_is_inside(const char *path, const char *directory);

#endif
