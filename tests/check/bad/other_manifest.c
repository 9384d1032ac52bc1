/* The entry names another manifest than the section holds. */
#include "base.h"
#include "plugin.h"

static const char kOther[] = "serai-bundle 1\nend\n";
static const char kBundle[] __attribute__((section(".serai.manifest"), used)) =
    "serai-bundle 1\nfile plugin.yaml 3\nid:\nend\n";

const serai_entry serai_plugin_entry_v1 = {
    sizeof(serai_entry),         SERAI_ABI_EPOCH,    SERAI_ABI_MINOR, 0,
    {kOther, sizeof kOther - 1}, serai_plugin_create};
