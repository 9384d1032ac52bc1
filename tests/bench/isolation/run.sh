#!/usr/bin/env bash
# See placement_bench.cpp. run.sh BUILD_DIRECTORY
exec "${1:?usage: run.sh BUILD_DIRECTORY}/bin/bench_isolation"
