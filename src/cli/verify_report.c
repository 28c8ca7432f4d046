/* cli/verify_report.c - differences as JSON lines, buffered, and cut back when a run goes on */
#include "cli/verify_report.h"

#include "cli/differences.h"
#include "cli/failure.h"
#include "cli/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

json_t *cli_verify_difference(const struct mia_difference *d)
{
    json_t *object = json_pack("{s:s, s:s}", "class", cli_difference_name(d->difference), "side",
                               mia_side_text(d->side));
    if (object != NULL && cli_json_add_bytes(object, "tree", d->tree) &&
        cli_json_add_bytes(object, "key", d->key) &&
        (d->detail[0] == '\0' ||
         json_object_set_new(object, "detail", cli_json_text(d->detail)) == 0))
        return object;
    json_decref(object);
    return NULL;
}

bool cli_verify_report_open(struct verify_report *r, struct cli *cli, bool go_on)
{
    struct stat st;
    cli_output_init(&r->out, -1);
    if (r->path == NULL)
        return true;
    r->out.fd = open(r->path, O_WRONLY | O_CREAT | O_CLOEXEC | (go_on ? 0 : O_TRUNC), 0666);
    if (r->out.fd < 0) {
        cli_fail_text(cli, CLI_EXIT_TARGET, MIA_ERR_IO, "cannot make the report %s: %s", r->path,
                      strerror(errno));
        return false;
    }
    r->is_regular = fstat(r->out.fd, &st) == 0 && S_ISREG(st.st_mode);
    return true;
}

/* One more member of the line: the record, or what the value is in hexadecimal. */
static void add_value(struct output *out, const char *name, mia_slice value, mia_str json)
{
    if (value.data == NULL)
        return;
    cli_output_format(out, ",\"%s%s\":", name, json.data != NULL ? "" : "_hex");
    if (json.data != NULL) {
        cli_output_write(out, json.data, json.size);
        return;
    }
    cli_output_text(out, "\"");
    cli_output_hex(out, value);
    cli_output_text(out, "\"");
}

void cli_verify_report_add(struct verify_report *r, const struct mia_difference *d)
{
    if (r->out.fd < 0)
        return;
    json_t *object = cli_verify_difference(d);
    char *text = object != NULL ? json_dumps(object, JSON_COMPACT | JSON_EMBED) : NULL;
    json_decref(object);
    if (text == NULL) {
        r->is_out_of_memory = true;
        return;
    }
    cli_output_text(&r->out, "{");
    cli_output_text(&r->out, text);
    free(text);
    if (r->content) {
        add_value(&r->out, "value_source", d->source_value, d->source_json);
        add_value(&r->out, "value_target", d->target_value, d->target_json);
    }
    cli_output_text(&r->out, "}\n");
}

bool cli_verify_report_failed(const struct verify_report *r)
{
    return r->out.fd >= 0 && (r->out.failed != 0 || r->is_out_of_memory);
}

bool cli_verify_report_close(struct verify_report *r, struct cli *cli)
{
    if (r->out.fd < 0)
        return true;
    bool written = cli_output_finish(&r->out);
    int failed = r->out.failed;
    if (close(r->out.fd) != 0 && written)
        failed = errno;
    r->out.fd = -1;
    if (r->is_out_of_memory && failed == 0)
        failed = ENOMEM;
    if (failed != 0)
        cli_fail_text(cli, CLI_EXIT_TARGET, MIA_ERR_IO, "cannot write the report %s: %s", r->path,
                      strerror(failed));
    return failed == 0;
}

static mia_status fail(struct mia_error *err, mia_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static mia_status fail(struct mia_error *err, mia_status status, const char *format, ...)
{
    va_list args;
    if (err == NULL)
        return status;
    *err = (struct mia_error){.status = status};
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return status;
}

mia_status cli_verify_report_mark(void *ctx, uint64_t *mark, struct mia_error *err)
{
    struct verify_report *r = ctx;
    struct stat st;
    *mark = 0;
    if (r->out.fd < 0)
        return MIA_OK;
    if (!r->is_regular)
        return fail(err, MIA_ERR_INVALID, "the report %s is no regular file", r->path);
    if (r->is_out_of_memory || !cli_output_finish(&r->out) || fsync(r->out.fd) != 0 ||
        fstat(r->out.fd, &st) != 0)
        return fail(err, MIA_ERR_IO, "the report %s cannot be written", r->path);
    *mark = (uint64_t)st.st_size;
    return MIA_OK;
}

mia_status cli_verify_report_rewind(void *ctx, uint64_t mark, struct mia_error *err)
{
    struct verify_report *r = ctx;
    struct stat st;
    if (r->out.fd < 0)
        return MIA_OK;
    if (!r->is_regular || fstat(r->out.fd, &st) != 0 || (uint64_t)st.st_size < mark)
        return fail(err, MIA_ERR_INVALID,
                    "the report %s is not what was written until the interruption: start over "
                    "without --resume",
                    r->path);
    if (ftruncate(r->out.fd, (off_t)mark) != 0 || lseek(r->out.fd, 0, SEEK_END) < 0)
        return fail(err, MIA_ERR_IO, "the report %s cannot be written: %s", r->path,
                    strerror(errno));
    return MIA_OK;
}
