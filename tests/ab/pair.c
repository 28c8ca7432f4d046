/* ab/pair.c - the databases of the comparisons */
#include "ab/pair.h"

#include "mia/migrate.h"
#include "support/check.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

int ab_pair_make(void **state)
{
    static struct ab_pair pair;
    struct mia_sample_options sample = {.struct_size = sizeof sample, .records = 2500, .seed = 7};
    struct mia_migrate_options migrate = {.struct_size = sizeof migrate};
    struct mia_migrate_report report = {.struct_size = sizeof report};
    test_folder_make(pair.folder);
    test_path(pair.sled, pair.folder, "main.sled");
    test_path(pair.mdbx, pair.folder, "main.mdbx");
    test_path(pair.scratch, pair.folder, "scratch");
    if (mkdir(pair.scratch, 0755) != 0)
        return -1;
    sample.target = migrate.source = pair.sled;
    migrate.target = pair.mdbx;
    *state = &pair;
    if (mia_sample(&sample, ERR) == MIA_OK && mia_migrate(&migrate, &report, ERR) == MIA_OK)
        return 0;
    print_error("%s\n", test_error.message);
    return -1;
}

int ab_pair_remove(void **state)
{
    test_folder_remove(((struct ab_pair *)*state)->folder);
    return 0;
}

struct mia_ab_options ab_options(const struct ab_pair *pair, const char *a, const char *b)
{
    return (struct mia_ab_options){.struct_size = sizeof(struct mia_ab_options),
                                   .a = a,
                                   .b = b,
                                   .operations = 300,
                                   .rounds = 6,
                                   .lazy = true, /* disks of test machines are slow */
                                   .scratch = pair->scratch};
}

bool ab_scratch_is_empty(const struct ab_pair *pair)
{
    int entries = 0;
    DIR *dir = opendir(pair->scratch);
    assert_non_null(dir);
    while (readdir(dir) != NULL)
        entries++;
    closedir(dir);
    return entries == 2; /* "." and ".." */
}
