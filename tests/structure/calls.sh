#!/bin/sh
# calls.sh OBJECT... - of the library's object files only those of src/base/ call the allocator or
# change files, so that failures of both can be injected, and counted, in one place.
allocate='malloc|calloc|realloc|reallocarray|free|strn?dup|v?asprintf|(posix_)?memalign|aligned_alloc|getline|getdelim|open_memstream'
change='p?writev?(64|v2)?|fwrite|fputs|fopen(64)?|mkstemp(64)?|mkdtemp|mkdir(at)?|rmdir|unlink(at)?|remove|rename(at2?)?|f?truncate(64)?|(sym)?link(at)?|f(data)?sync|sync(fs|_file_range)?|fallocate(64)?|posix_fallocate(64)?|copy_file_range|sendfile(64)?'

for object; do
    case $object in
    *.c.o) ;;
    *) echo "$object is no object file of C"; exit 2 ;;
    esac
done

# Lines "OBJECT: U NAME", and one awk for all of them: a process for each object takes minutes.
nm -A -u "$@" | awk -v banned="^($allocate|$change)\$" '
    { object = $1; sub(/:$/, "", object) }
    object ~ /\/src\/base\// { if (!seen[object]++) base++; next }
    !seen[object]++ { others++ }
    $NF ~ banned { sub(/.*\/src\//, "src/", object); print object ": calls " $NF ", only src/base/ may"; bad = 1 }
    END {
        if (!base || !others) { print "no object files to look at: the check is blind"; exit 2 }
        exit bad
    }'
