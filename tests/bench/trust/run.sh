#!/usr/bin/env bash
# What verifying a signed package costs: tests/bench/trust/run.sh BUILD_DIRECTORY
exec "${1:?usage: run.sh BUILD_DIRECTORY}/bin/bench_trust"
