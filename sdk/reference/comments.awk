# Doxygen's view of a header: the project's plain comments become documentation comments, and a
# comment speaks for all declarations below it up to the next blank line. Line numbers stay.
function indent(text) {
  match(text, /^ */)
  return RLENGTH
}
function words(text) {
  sub(/^ *(\/\/|\/\*|\*)? */, "", text)
  sub(/ *\*\/ *$/, "", text)
  return text
}
function speak() {
  comment = comment " " words($0)
  speaking = 1
  fresh = 1
}
function begin() {
  comment = ""
  depth = indent($0)
}

# The first comment describes the file.
NR == 1 { head = 1 }
head && /^(\/\/|\/\*| \*)/ { print "/// " words($0); next }
head { head = 0; if (/^#pragma once/) { print "/// @file"; next } }

in_block { speak(); in_block = !/\*\//; print; next }
/^ *\/\* / { begin(); speak(); in_block = !/\*\//; sub(/\/\*/, "/**"); print; next }
/^ *\/\/( |$)/ { if (!fresh) begin(); speak(); sub(/\/\//, "///"); print; next }
/^ *$/ { speaking = fresh = 0; print; next }

/[;,][ \t]+\/\/ / { sub(/\/\/ /, "///< ") }
/[;,][ \t]+\/\* / { sub(/\/\* /, "/**< ") }
{ starts = speaking && indent($0) == depth && /^ *[A-Za-z_~]/ &&
           !/^ *(public|private|protected|requires|else|namespace|using|class|struct|enum)[ :(]/ }
starts && !fresh && !template_above {
  $0 = substr($0, 1, depth) "/**" comment " */ " substr($0, depth + 1)
}
{ if (starts) template_above = /template <.*>$/; fresh = 0; print }
