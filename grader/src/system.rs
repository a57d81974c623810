//! What touches the outside: directories, processes, the toolchain, the cache.
