//! A body that nobody reads to its end must not hold its connection.
//!
//! The HTTP library takes in the chunks of a body that was dropped for as long as they come, without a clock: whoever
//! sends one a minute keeps the connection for good. Of a body that is still held when the answer is out, it cuts the
//! connection within a second. So the answer holds what is left of it.

use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    Error,
    body::{BodySize, EitherBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::PayloadError,
    http::header,
    middleware::Next,
    web::Bytes,
};
use futures_core::Stream;

/// The rest of a body, read by the handler and held by the answer.
#[derive(Clone)]
struct Rest(Rc<RefCell<Payload>>);

impl Stream for Rest {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(cx)
    }
}

/// An answer that holds the rest of the body it answers.
pub(super) struct Holding<B> {
    answer: Pin<Box<B>>,
    _rest: Rest,
}

impl<B: MessageBody> MessageBody for Holding<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.get_mut().answer.as_mut().poll_next(cx)
    }
}

/// The middleware. Only bodies in chunks are drained like that; those of a known length are not.
pub(super) async fn hold_the_rest<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, Holding<B>>>, Error> {
    if !request.headers().contains_key(header::TRANSFER_ENCODING) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let rest = Rest(Rc::new(RefCell::new(std::mem::replace(request.parts_mut().1, Payload::None))));
    request.set_payload(Payload::Stream { payload: Box::pin(rest.clone()) });
    let answer = next.call(request).await?;
    Ok(answer.map_body(|_head, answer| EitherBody::right(Holding { answer: Box::pin(answer), _rest: rest })))
}
