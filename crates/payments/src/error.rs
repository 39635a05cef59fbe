//! Why a call to a provider failed, told apart by what the caller may do next.
//!
//! A call that moves money and one that only reads fail in different types: that a *question* was not answered says nothing
//! about the payment it was about, and must never be taken for "it was not paid".

/// What went wrong on the way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No connection was made, so nothing was sent.
    #[error("the provider cannot be reached")]
    Unreachable,
    /// It did not answer in time.
    #[error("the provider did not answer in time")]
    TimedOut,
    /// The answer broke off, is too long, or does not say what it should.
    #[error("the provider's answer is broken")]
    AnswerBroken,
    /// The answer is not signed by the provider, or not for this moment.
    #[error("the provider's answer is not signed as it should be")]
    AnswerForged,
    /// The answer is about something else than was asked: another merchant, payment or amount.
    #[error("the provider's answer is about something else")]
    AnswerForeign,
    /// We asked too often.
    #[error("the provider is asked too often")]
    Busy,
    /// The merchant's account has too little for the refund. After a top-up the same ask may pass.
    #[error("the merchant's account at the provider has too little money")]
    OutOfFunds,
    /// It does not accept our keys or our rights. Once they are in order the same ask may pass.
    #[error("the provider does not accept our credentials ({code})")]
    NotAuthorised {
        /// The provider's own word.
        code: String,
    },
    /// The provider's keys cannot be had, so that its answer could not be checked.
    #[error("the provider's keys cannot be had")]
    KeysMissing,
    /// It failed by its own account, or behaved as nobody should: a redirect, an error without a reason.
    #[error("the provider failed with status {status}")]
    ProviderFailed {
        /// The HTTP status.
        status: u16,
    },
}

/// Why the same ask will always be refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The ask itself is wrong; it was not even sent.
    #[error("the ask is not valid: {0}")]
    Invalid(&'static str),
    /// It is paid already.
    #[error("the payment is paid already")]
    AlreadyPaid,
    /// It was closed.
    #[error("the payment is closed")]
    Closed,
    /// Our id stands for another ask.
    #[error("the id was used for another ask")]
    IdReused,
    /// The provider knows no such payment.
    #[error("the provider knows no such payment")]
    Absent,
    /// Any other reason, in the provider's own word.
    #[error("the provider refuses: {code}")]
    Other {
        /// The provider's own word, such as `INVALID_REQUEST`.
        code: String,
    },
}

/// Why a call that changes something did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// It was definitely not done. The same ask, under the same id, may be sent again later.
    #[error("not done: {0}")]
    NotDone(Trouble),
    /// It may have been done or not. Query, or send the same ask under the same id; never one under another id.
    #[error("nobody knows whether it was done: {0}")]
    Unknown(Trouble),
    /// This ask was not done and never will be. If an earlier one under the same id ended as unknown, query before you
    /// believe that nothing was done.
    #[error(transparent)]
    Refused(Refusal),
}

/// Why a question was not answered. It says nothing about what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Ask again later.
    #[error("no answer: {0}")]
    Unanswered(Trouble),
    /// The provider will not answer this question.
    #[error(transparent)]
    Refused(Refusal),
    /// The bill of the day is not made yet.
    #[error("the bill is not ready yet")]
    BillNotReady,
    /// There is no bill: nothing was booked on that day, or it is too long ago.
    #[error("there is no bill of that day")]
    BillAbsent,
    /// The bill arrived, but not as it was made, or its figures do not add up.
    #[error("the bill is damaged: {0}")]
    BillDamaged(&'static str),
}
