/* cli/source.c - opening the database that a command reads */
#include "cli/source.h"

#include "cli/text.h"

#include <stdio.h>

void cli_source_absent(const char *path, struct mia_error *err)
{
    memset(err, 0, sizeof *err);
    err->status = MIA_NOTFOUND;
    snprintf(err->message, sizeof err->message, "%s does not exist", path);
}

mia_status cli_source_open(const char *path, bool accept_torn_log, struct progress *progress,
                           mia_source **source, struct mia_error *err)
{
    struct mia_source_options options = {.struct_size = sizeof options,
                                         .accept_torn_log = accept_torn_log,
                                         .progress = cli_progress_show,
                                         .progress_ctx = progress};
    mia_status rc = mia_source_open(path, &options, source, err);
    cli_progress_end(progress);
    if (rc == MIA_NOTFOUND)
        cli_source_absent(path, err);
    return rc;
}

/* Cuts what does not fit, between two bytes, and shows what is no printable text as hex. */
static void describe_name(char *out, size_t size, mia_slice name)
{
    const unsigned char *at = name.data;
    size_t used = 0;
    for (size_t i = 0; i < name.size && used + 5 < size; i++) {
        bool plain = at[i] >= 0x20 && at[i] < 0x7f && at[i] != '\\';
        used += (size_t)snprintf(out + used, size - used, plain ? "%c" : "\\x%02x", at[i]);
    }
    out[used] = '\0';
}

mia_status cli_source_tree(mia_source *source, mia_slice name, size_t *tree, struct mia_error *err)
{
    mia_status rc = mia_source_tree_find(source, name, tree, err);
    if (rc == MIA_NOTFOUND) {
        char shown[200];
        describe_name(shown, sizeof shown, name);
        memset(err, 0, sizeof *err);
        err->status = MIA_NOTFOUND;
        snprintf(err->message, sizeof err->message,
                 "there is no tree '%s'; mia info lists the trees", shown);
    }
    return rc;
}
