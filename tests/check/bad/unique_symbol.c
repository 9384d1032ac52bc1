/* What a C++ compiler makes of an inline static without -fno-gnu-unique. */
#include "base.h"
#include "plugin.h"

__asm__(
    ".data\n"
    ".globl bad_unique\n"
    ".type bad_unique, @gnu_unique_object\n"
    ".size bad_unique, 8\n"
    "bad_unique: .quad 1\n"
    ".text\n");
