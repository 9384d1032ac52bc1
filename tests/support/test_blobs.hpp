// The blobs of a test, in the store that the environment variable SERAI_TEST_BLOBS names (files,
// the default, or s3): the same suites prove both.
#pragma once

#include <filesystem>
#include <memory>

#include "storage/blobs.hpp"
#include "storage/s3/blobs.hpp"
#include "storage/store.hpp"

namespace serai_test {

bool blobs_in_s3();

// Opened again on the same folder they find what was there. In S3 the folder stands for a prefix.
std::unique_ptr<host::storage::Blobs> make_blobs(host::storage::Store& store,
                                                 const std::filesystem::path& folder);
// Of the shared server; tries again without a pause.
host::storage::S3BlobOptions s3_blob_options(const std::filesystem::path& folder);

}  // namespace serai_test
