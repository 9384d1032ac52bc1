/* A symbol of the kind that pins a library in memory for ever (C++ compilers make them for inline
 * statics). Written in assembly, so that every compiler makes it. */
__asm__(
    ".data\n"
    ".globl pinned_for_ever\n"
    ".type pinned_for_ever, @gnu_unique_object\n"
    ".size pinned_for_ever, 8\n"
    "pinned_for_ever: .quad 1\n"
    ".text\n");
