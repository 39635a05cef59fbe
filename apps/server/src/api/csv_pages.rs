//! A CSV file of any length, read page by page while it is sent.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::{BodySize, BoxBody, MessageBody},
    http::header,
    web::Bytes,
};
use huike_persistence::StoreError;

use super::{OperationDoc, Reply, csv_answer};

/// A page that is being read.
pub type Reading<K> = Pin<Box<dyn Future<Output = Result<CsvPage<K>, StoreError>>>>;

/// Rows as text, and where the next page begins; `None` after the last.
pub struct CsvPage<K> {
    /// The rows.
    pub rows: String,
    /// After which key the next page begins.
    pub next: Option<K>,
}

/// Where the rows of a file come from.
pub trait CsvPages: Unpin + 'static {
    /// By what rows are ordered.
    type Key: Unpin + 'static;

    /// The first row.
    fn header(&self) -> String;

    /// The rows after that key; the first ones without it.
    fn read(&self, after: Option<Self::Key>) -> Reading<Self::Key>;
}

/// The file.
pub struct CsvFile<P> {
    /// The name it is saved under, ASCII.
    pub name: String,
    /// Its rows.
    pub pages: P,
}

impl<P: CsvPages> Reply for CsvFile<P> {
    fn describe(doc: &mut OperationDoc) {
        csv_answer(doc);
    }
}

impl<P: CsvPages> Responder for CsvFile<P> {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
            .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", self.name)))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(Rows { pages: self.pages, next: Next::Header })
    }
}

/// The rows on their way out.
struct Rows<P: CsvPages> {
    pages: P,
    next: Next<P::Key>,
}

enum Next<K> {
    /// The first row.
    Header,
    /// The page that is being read.
    Page(Reading<K>),
    /// Nothing more.
    End,
}

impl<P: CsvPages> MessageBody for Rows<P> {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let page = match &mut self.next {
            Next::End => return Poll::Ready(None),
            Next::Header => {
                self.next = Next::Page(self.pages.read(None));
                return Poll::Ready(Some(Ok(self.pages.header().into())));
            }
            Next::Page(reading) => ready!(reading.as_mut().poll(task)),
        };
        match page {
            Ok(CsvPage { rows, next }) => {
                self.next = next.map_or(Next::End, |key| Next::Page(self.pages.read(Some(key))));
                // Nothing at all would be taken for the end of the body by some clients, and it is the end here too.
                Poll::Ready(Some(rows).filter(|rows| !rows.is_empty()).map(|rows| Ok(rows.into())))
            }
            Err(error) => {
                tracing::error!(%error, "a file broke off: {error}");
                self.next = Next::End;
                Poll::Ready(Some(Err(error.into())))
            }
        }
    }
}
