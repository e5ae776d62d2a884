/* command_output.c - whether a directory can be made, without making it. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/command.h"
#include "sys/file.h"

/* "a/b" for "a/b/c", "." for "c"; false: there is nothing above it. */
static bool parent_of(char *path)
{
    char *slash = strrchr(path, '/');

    if (strcmp(path, ".") == 0 || strcmp(path, "/") == 0) return false;
    if (slash == NULL) {
        memcpy(path, ".", sizeof("."));
    } else {
        slash[slash == path] = '\0';
    }
    return true;
}

enum exit_code command_output_check(const char *command, const char *directory)
{
    char *path = strdup(directory[0] == '\0' ? "." : directory);

    if (path == NULL) return EXIT_RUNTIME;
    while (access(path, F_OK) != 0 && parent_of(path))
        continue;
    bool may = file_is_directory(path) && access(path, W_OK) == 0;
    if (!may) {
        (void)fprintf(stderr,
                      "headrace %s: --output: %s is there and no directory that may be written; "
                      "name another\n",
                      command, path);
    }
    free(path);
    return may ? EXIT_OK : EXIT_INPUT;
}
