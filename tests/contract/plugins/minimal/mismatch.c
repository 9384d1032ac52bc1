/* An entry that names another manifest than the section holds. */
#include "serai/abi/entry.h"

static const char kOther[] = "serai-bundle 1\nend\n";

/* NOLINTNEXTLINE(readability-non-const-parameter): the ABI says how its parameters look */
static serai_status create(const serai_host* host, const serai_plugin** out, char* error,
                           uint64_t error_size) SERAI_NOEXCEPT {
  (void)host;
  (void)out;
  (void)error;
  (void)error_size;
  return SERAI_E_INTERNAL;
}

static const char kBundle[] __attribute__((section(".serai.manifest"), used)) =
    "serai-bundle 1\n"
    "file plugin.yaml 114\n"
    "manifest: 1\nid: gamma\nversion: 1.0.0\nname: Gamma\ndescription: Says two things about "
    "itself, "
    "and only one is true.\n\n"
    "end\n";

const serai_entry serai_plugin_entry_v1 = {
    sizeof(serai_entry), SERAI_ABI_EPOCH, SERAI_ABI_MINOR, 0, {kOther, sizeof kOther - 1}, create};
