// The calendar and the analysis of `delegate-core` in Wasm (bench/wasm), as `cargo xtask bench` has built it.

export const core = await import("../target/bench/delegate_bench.js");
