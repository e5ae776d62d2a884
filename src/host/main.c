/* main.c - the executable's entry; everything is in command.c and the commands. */
#include "host/command.h"

int main(int argc, char **argv)
{
    return (int)command_main(argc, argv);
}
