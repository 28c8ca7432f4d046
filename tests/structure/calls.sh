#!/bin/sh
# calls.sh OBJECT... - of the library's object files only those of src/base/ call the allocator or
# change files, so that failures of both can be injected, and counted, in one place.
allocate='malloc|calloc|realloc|reallocarray|free|strn?dup|v?asprintf|(posix_)?memalign|aligned_alloc|getline|getdelim|open_memstream'
change='p?writev?(64|v2)?|fwrite|fputs|fopen(64)?|mkstemp(64)?|mkdtemp|mkdir(at)?|rmdir|unlink(at)?|remove|rename(at2?)?|f?truncate(64)?|(sym)?link(at)?|f(data)?sync|sync(fs|_file_range)?|fallocate(64)?|posix_fallocate(64)?|copy_file_range|sendfile(64)?'
bad=0
base=0
others=0

for object; do
    case $object in
    */src/base/*) base=$((base + 1)); continue ;;
    *.c.o) others=$((others + 1)) ;;
    *) echo "$object is no object file of C"; exit 2 ;;
    esac
    calls=$(nm -u "$object" | awk '{ print $NF }' | grep -xE "$allocate|$change" | tr '\n' ' ')
    if [ -n "$calls" ]; then
        echo "src/${object#*/src/}: calls ${calls}- only src/base/ may"
        bad=1
    fi
done

[ "$base" -gt 0 ] && [ "$others" -gt 0 ] || { echo "no object files to look at: the check is blind"; exit 2; }
exit $bad
