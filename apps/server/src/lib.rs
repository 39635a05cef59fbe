//! The huike binary: HTTP, CLI and jobs over the use cases.
