// A VFS over SQLite's own that lets writes and syncs fail on demand.
#include <cstring>

#include <sqlite3.h>

#include "faults/storage/failures.hpp"

namespace host::faults {

Failures& database_failures() {
  static Failures failures;
  return failures;
}

namespace {

struct ShimFile {
  sqlite3_file base;
  sqlite3_file* real;  // behind this object in memory
};

sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<ShimFile*>(file)->real; }
sqlite3_vfs* real_vfs(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

int close_file(sqlite3_file* file) { return real(file)->pMethods->xClose(real(file)); }
int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  return real(file)->pMethods->xRead(real(file), to, size, at);
}
int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  if (database_failures().strike()) {
    // Half of it reaches the disk, as a full disk would have it.
    real(file)->pMethods->xWrite(real(file), from, size / 2, at);
    return SQLITE_FULL;
  }
  return real(file)->pMethods->xWrite(real(file), from, size, at);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (database_failures().strike()) return SQLITE_IOERR_TRUNCATE;
  return real(file)->pMethods->xTruncate(real(file), size);
}
int sync_file(sqlite3_file* file, int flags) {
  if (database_failures().strike()) return SQLITE_IOERR_FSYNC;
  return real(file)->pMethods->xSync(real(file), flags);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return real(file)->pMethods->xFileSize(real(file), size);
}
int lock_file(sqlite3_file* file, int lock) {
  return real(file)->pMethods->xLock(real(file), lock);
}
int unlock_file(sqlite3_file* file, int lock) {
  return real(file)->pMethods->xUnlock(real(file), lock);
}
int check_reserved(sqlite3_file* file, int* result) {
  return real(file)->pMethods->xCheckReservedLock(real(file), result);
}
int control(sqlite3_file* file, int operation, void* argument) {
  return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
int sector_size(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
int characteristics(sqlite3_file* file) {
  return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  return real(file)->pMethods->xShmMap(real(file), page, size, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }
int shm_unmap(sqlite3_file* file, int remove) {
  return real(file)->pMethods->xShmUnmap(real(file), remove);
}

// Version 2: shared memory, but no memory-mapped reads, which would go past the shim.
const sqlite3_io_methods kMethods = {
    2,         close_file,  read_file,      write_file, truncate_file, sync_file,       file_size,
    lock_file, unlock_file, check_reserved, control,    sector_size,   characteristics, shm_map,
    shm_lock,  shm_barrier, shm_unmap,      nullptr,    nullptr};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
  auto* shim = reinterpret_cast<ShimFile*>(file);
  shim->base.pMethods = nullptr;
  shim->real = reinterpret_cast<sqlite3_file*>(shim + 1);
  sqlite3_vfs* below = real_vfs(vfs);
  const int code = below->xOpen(below, name, shim->real, flags, out);
  if (shim->real->pMethods != nullptr) shim->base.pMethods = &kMethods;
  return code;
}

}  // namespace

void install_failing_vfs() {
  static sqlite3_vfs shim;
  sqlite3_vfs* below = sqlite3_vfs_find(nullptr);
  if (std::strcmp(below->zName, "failing") == 0) return;
  shim = *below;
  shim.zName = "failing";
  shim.szOsFile = static_cast<int>(sizeof(ShimFile)) + below->szOsFile;
  shim.pAppData = below;
  shim.xOpen = open_file;
  sqlite3_vfs_register(&shim, 1);
}

}  // namespace host::faults
