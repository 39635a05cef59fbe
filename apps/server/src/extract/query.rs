//! The query string, checked in shape.

use std::{
    future::{Ready, ready},
    ops::Deref,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::IntoParams;
use validator::Validate;

use super::fields;
use crate::problem::{FieldError, Problem};

/// The parameters of the query string, with unknown ones refused (`deny_unknown_fields` on the type).
#[derive(Debug)]
pub struct Query<T>(T);

impl<T> Query<T> {
    /// The parameters.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// For lists that cannot be narrowed.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct NoFilter {}

impl<T: DeserializeOwned + Validate> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(read(request.query_string()).map(Self))
    }
}

/// Reads a query string.
pub(super) fn read<T: DeserializeOwned + Validate>(text: &str) -> Result<T, Problem> {
    refuse_nul(text)?;
    let query = web::Query::<T>::from_query(text).map_err(|error| {
        let message = error.to_string();
        let message = message.strip_prefix("Query deserialize error: ").unwrap_or(&message);
        Problem::invalid(vec![parameter_fault(message)])
    })?;
    query.validate().map_err(|errors| {
        let faults = fields::from_validator(&errors).into_iter();
        Problem::invalid(faults.map(as_parameter).collect())
    })?;
    Ok(query.into_inner())
}

/// No parameter holds NUL. PostgreSQL has no text with one, so looking for it would be a fault and not an empty list.
fn refuse_nul(text: &str) -> Result<(), Problem> {
    let Some(parameter) = text.split('&').find(|parameter| parameter.contains("%00")) else {
        return Ok(());
    };
    let name = parameter.split('=').next().filter(|name| !name.contains('%')).unwrap_or_default();
    let fault = FieldError::new(format!("?{name}"), "invalid", "a parameter is not what is expected here");
    Err(Problem::invalid(vec![fault]))
}

/// What serde refused. The decoder of query strings does not say at which parameter, and its texts may repeat values.
fn parameter_fault(message: &str) -> FieldError {
    for (start, code) in
        [("missing field `", "missing"), ("unknown field `", "unknown_field"), ("duplicate field `", "duplicate")]
    {
        if let Some(name) = message.strip_prefix(start).and_then(|rest| rest.split('`').next()) {
            return FieldError::new(format!("?{name}"), code, "this parameter is missing, unknown or given twice");
        }
    }
    FieldError::new("?", "invalid", "a parameter is not what is expected here")
}

fn as_parameter(fault: FieldError) -> FieldError {
    FieldError { pointer: format!("?{}", fault.pointer.trim_start_matches('/')), ..fault }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Filter {
        q: Option<String>,
    }

    #[test]
    fn a_parameter_without_nul_is_read_and_one_with_it_is_named() {
        assert_eq!(read::<Filter>("q=%E6%BB%A1%25").unwrap().q.as_deref(), Some("满%"));
        let problem = read::<Filter>("q=a%00b").unwrap_err();
        assert_eq!(problem.status().as_u16(), 422);
    }
}
