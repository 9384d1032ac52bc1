// What people call those who travel, in the eight languages.
#pragma once

#include "phrases.hpp"

namespace inbound {

enum class Who : int { adult, child, one_child, baby, people, couple };

const PhraseTable& traveller_words();  // Who
const PhraseTable& spouse_phrases();   // the writer and one more
const PhraseTable& solo_phrases();     // 1: sure, 0: may mean "only"
const PhraseTable& group_phrases();    // "zu dritt", "nous deux": how many
const PhraseTable& we_are_phrases();   // a number of people follows: "somos", "family of"
const PhraseTable& child_words_before_ages();
const PhraseTable& year_words();
const PhraseTable& month_words();
const PhraseTable& honeymoon_words();

}  // namespace inbound
