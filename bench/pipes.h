/* pipes.h - a program of interop/ at work beside us: its standard input and output */
#ifndef BENCH_PIPES_H
#define BENCH_PIPES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct pipes {
    pid_t pid;
    FILE *to, *from;
};

/* Whatever fails ends this program. What was written is with the other side when this one reads. */
void pipes_start(struct pipes *pipes, const char *program);
void pipes_read(struct pipes *pipes, void *to, size_t size);
uint32_t pipes_read_number(struct pipes *pipes);
void pipes_write(struct pipes *pipes, const void *bytes, size_t size);
void pipes_write_number(struct pipes *pipes, uint32_t n);
void pipes_write_sized(struct pipes *pipes, const void *bytes, size_t size); /* behind their size */
void pipes_stop(struct pipes *pipes);

#endif
