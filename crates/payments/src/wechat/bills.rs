//! The trade bill of a day: asked for, fetched, held against its digest, read.

use chrono::NaiveDate;
use hyper::{Method, StatusCode};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde::Deserialize;
use url::Url;

use super::{
    bill_csv::read_bill,
    hex::hex,
    link::Link,
    payments::unanswered,
    refusal::{code_of, decide_failure},
    wire::Lost,
};
use crate::{ReadError, Refusal, TradeBill, Trouble, WriteError};

/// Half a million lines.
const BILL_BYTES_MAX: usize = 128 * 1_024 * 1_024;
/// Where bills are fetched from.
const FILE_PATH: &str = "/v3/billdownload/file";

#[derive(Deserialize)]
struct Offer {
    hash_type: String,
    hash_value: String,
    download_url: String,
}

impl Link {
    pub(super) async fn trade_bill(&self, day: NaiveDate) -> Result<TradeBill, ReadError> {
        let target = format!("/v3/bill/tradebill?bill_date={day}&bill_type=ALL");
        let offer: Offer = self.get(target).await.map_err(bill_refused)?;
        if offer.hash_type != "SHA1" {
            return Err(ReadError::BillDamaged("its digest is of another kind"));
        }
        let file = self.fetch_file(&offer.download_url).await?;
        // SHA-1 keeps nobody out any more. What does is TLS, and that the digest itself came signed: a file that has it and was made up
        // needs a second preimage, which even SHA-1 does not give away.
        let found = digest(&SHA1_FOR_LEGACY_USE_ONLY, &file);
        if !offer.hash_value.eq_ignore_ascii_case(&hex(found.as_ref())) {
            return Err(ReadError::BillDamaged("its digest is another"));
        }
        let text = std::str::from_utf8(&file).map_err(|_other| ReadError::BillDamaged("it is no text"))?;
        read_bill(day, text).map_err(ReadError::BillDamaged)
    }

    /// Fetches a file. Only path and query of its URL are used: whatever host it names, the merchant's signature goes to our
    /// provider's.
    async fn fetch_file(&self, url: &str) -> Result<Vec<u8>, ReadError> {
        let foreign = || ReadError::Unanswered(Trouble::AnswerForeign);
        let url = Url::parse(url).map_err(|_malformed| foreign())?;
        let query = url.query().filter(|_| url.path() == FILE_PATH).ok_or_else(foreign)?;
        let letter =
            self.letter(Method::GET, format!("{FILE_PATH}?{query}"), Vec::new(), BILL_BYTES_MAX).map_err(unanswered)?;
        let answer = self.wire.send(&self.hosts, &letter).await.map_err(|lost| match lost {
            Lost::Before => ReadError::Unanswered(Trouble::Unreachable),
            Lost::After(trouble) => ReadError::Unanswered(trouble),
        })?;
        // Files are not signed; their digest was.
        match answer.status {
            StatusCode::OK => Ok(answer.body.to_vec()),
            status => Err(unanswered(decide_failure(status, code_of(&answer.body)))),
        }
    }
}

/// Two refusals are no troubles: there is no bill, or not yet.
fn bill_refused(error: WriteError) -> ReadError {
    match &error {
        WriteError::Refused(Refusal::Other { code }) if code == "NO_STATEMENT_EXIST" => ReadError::BillAbsent,
        WriteError::Refused(Refusal::Other { code }) if code == "STATEMENT_CREATING" => ReadError::BillNotReady,
        _ => unanswered(error),
    }
}
