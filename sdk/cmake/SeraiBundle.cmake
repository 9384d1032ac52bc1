# cmake -DFILES= -DFOLDER= -DOUTPUT= -P SeraiBundle.cmake: writes the source file that holds a
# plugin's bundle (manifest and migrations, in section .serai.manifest) and its one exported symbol.
# Works on hex digits throughout, so that no byte of a file means anything to CMake.
file(STRINGS ${FILES} files ENCODING UTF-8)
string(HEX "serai-bundle 1\n" hex)
foreach(file ${files})
  cmake_path(RELATIVE_PATH file BASE_DIRECTORY ${FOLDER} OUTPUT_VARIABLE name)
  file(READ ${file} content HEX)
  string(LENGTH "${content}" digits)
  math(EXPR size "${digits} / 2")
  string(HEX "file ${name} ${size}\n" head)
  string(APPEND hex "${head}${content}0a")
endforeach()
string(HEX "end\n" tail)
string(APPEND hex "${tail}")

# A char array and not a string literal: the section holds exactly the bundle, without a NUL.
string(REGEX REPLACE "(..)" "B(\\1)," bytes "${hex}")
string(REGEX REPLACE "((B\\(..\\),){16})" "\\1\n    " bytes "${bytes}")
file(WRITE ${OUTPUT} "/* Made by serai_add_plugin() from plugin.yaml and migrations/: do not edit. */
#include \"serai/create.h\"

#define B(digits) (char)0x##digits
__attribute__((section(\".serai.manifest\"), used)) static const char serai_bundle[] = {
    ${bytes}};

const serai_entry serai_plugin_entry_v1 = {
    sizeof(serai_entry), SERAI_ABI_EPOCH, SERAI_ABI_MINOR, 0,
    {serai_bundle, sizeof(serai_bundle)}, serai_plugin_create};
")
