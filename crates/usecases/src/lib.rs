//! One function per use case: the body of one transaction.
