# Doxygen names the sections of a page in its own way: links inside of the page become their text.
{ while (match($0, /\[[^]]*\]\(#[^)]*\)/)) {
    link = substr($0, RSTART, RLENGTH)
    sub(/^\[/, "", link); sub(/\]\(.*/, "", link)
    $0 = substr($0, 1, RSTART - 1) link substr($0, RSTART + RLENGTH)
  }
  print
}
