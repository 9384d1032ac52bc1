/* serai.vector/1: nearest neighbours by inner product; the vectors lie in the tenant's database. */
#pragma once

#include "serai/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SERAI_VECTOR_ID "serai.vector/1"
typedef struct serai_neighbour {
  int64_t id;
  float score;
  uint32_t reserved;
} serai_neighbour;

typedef struct serai_vector_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* `count` vectors of `dimension` floats each, row-major; joins an open transaction. The first
   * upsert into a collection sets its dimension. [worker] */
  serai_status (*upsert)(serai_call call, serai_str collection, const int64_t* ids,
                         const float* vectors, uint64_t count, uint32_t dimension) SERAI_NOEXCEPT;
  serai_status (*remove)(serai_call call, serai_str collection, const int64_t* ids,
                         uint64_t count) SERAI_NOEXCEPT;
  serai_status (*drop)(serai_call call, serai_str collection) SERAI_NOEXCEPT;
  /* The best `k` first; only among `allowed` (ascending ids) unless allowed_count is 0. The view
   * lives as long as the call. An unknown collection has no neighbours. [worker] */
  serai_status (*search)(serai_call call, serai_str collection, const float* query,
                         uint32_t dimension, uint64_t k, const int64_t* allowed,
                         uint64_t allowed_count, const serai_neighbour** out,
                         uint64_t* out_count) SERAI_NOEXCEPT;
  serai_status (*count)(serai_call call, serai_str collection, uint64_t* out) SERAI_NOEXCEPT;
} serai_vector_api;

#ifdef __cplusplus
}
#endif
