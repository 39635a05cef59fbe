//! Lists, a page at a time: `?limit=…&cursor=…` in, `items` and `next_cursor` out.

use std::{
    borrow::Cow,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, Ref, RefOr, Type,
        schema::{ArrayBuilder, Schema, SchemaType},
    },
};
use validator::Validate;

use super::query::{self, NoFilter};
use crate::problem::{Problem, Refusal};

/// Items on a page when nobody says.
const LIMIT_DEFAULT: u16 = 20;

/// Which page of a list.
#[derive(Debug, Clone, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Items on the page, at most 100.
    #[serde(default = "default_limit")]
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: u16,
    /// `next_cursor` of the page before; the first page without it.
    #[validate(length(min = 1, max = 400))]
    #[param(min_length = 1, max_length = 400)]
    cursor: Option<String>,
}

const fn default_limit() -> u16 {
    LIMIT_DEFAULT
}

impl Paging {
    /// Rows to fetch: one more than the page shows, so that it is known whether another page follows.
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// The key of the last row of the page before, as [`Page::cut`] wrote it. `None` on the first page.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, Problem> {
        let Some(cursor) = &self.cursor else {
            return Ok(None);
        };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_text| Refusal::CursorInvalid)?;
        let key = serde_json::from_slice(&bytes).map_err(|_other_list| Refusal::CursorInvalid)?;
        Ok(Some(key))
    }
}

/// A list's query: the page, and what narrows the list. Anything else in the query string is refused.
#[derive(Debug)]
pub struct Listing<F = NoFilter> {
    /// Which page.
    pub page: Paging,
    /// What narrows the list.
    pub filter: F,
}

impl<F: DeserializeOwned + Validate> FromRequest for Listing<F> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let is_paging = |part: &&str| matches!(part.split('=').next(), Some("limit" | "cursor"));
        let (page, filter): (Vec<&str>, Vec<&str>) = request.query_string().split('&').partition(is_paging);
        let read = || Ok(Self { page: query::read(&page.join("&"))?, filter: query::read(&filter.join("&"))? });
        ready(read())
    }
}

/// One page of a list.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins; `null` on the last one.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of the rows that [`Paging::fetch`] asked for. `key` says by what the list is ordered; a list's
    /// order must be total, so its key ends in an id.
    pub fn cut<R, K: Serialize>(
        mut rows: Vec<R>,
        paging: &Paging,
        key: impl Fn(&R) -> K,
        view: impl Fn(R) -> T,
    ) -> Self {
        let limit = usize::from(paging.limit);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = match rows.last() {
            Some(last) if more => serde_json::to_vec(&key(last)).ok().map(|key| URL_SAFE_NO_PAD.encode(key)),
            _ => None,
        };
        Self { items: rows.into_iter().map(view).collect(), next_cursor }
    }
}

impl<T: ToSchema> PartialSchema for Page<T> {
    fn schema() -> RefOr<Schema> {
        let items = ArrayBuilder::new().items(RefOr::Ref(Ref::from_schema_name(T::name())));
        let cursor = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some("Where the next page begins; null on the last one."));
        ObjectBuilder::new()
            .property("items", items)
            .required("items")
            .property("next_cursor", cursor)
            .required("next_cursor")
            .into()
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    fn name() -> Cow<'static, str> {
        format!("{}Page", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[derive(Debug, Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Filter {
        state: Option<String>,
    }

    fn listing(query: &str) -> Result<Listing<Filter>, Problem> {
        let request = TestRequest::with_uri(&format!("/x?{query}")).to_http_request();
        Listing::extract(&request).into_inner()
    }

    #[test]
    fn the_query_is_split_between_page_and_filter() {
        let listing = listing("state=live&limit=2").unwrap();
        assert_eq!((listing.page.fetch(), listing.filter.state.as_deref()), (3, Some("live")));
    }

    #[test]
    fn odd_queries_are_refused() {
        for query in ["limit=0", "limit=101", "limit=-1", "limit=x", "limit=1&limit=2", "stage=live", "cursor="] {
            assert_eq!(listing(query).unwrap_err().status().as_u16(), 422, "{query}");
        }
        let page = listing("cursor=%22").unwrap().page;
        assert_eq!(page.after::<(i64, String)>().unwrap_err().code(), "cursor_invalid");
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_overlap() {
        let rows: Vec<u32> = (0..7).collect();
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let paging = Paging { limit: 3, cursor };
            let after: Option<u32> = paging.after().unwrap();
            let fetched = rows.iter().copied().filter(|row| after.is_none_or(|after| *row > after)).take(4).collect();
            let page = Page::cut(fetched, &paging, |row| *row, |row| row);
            seen.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, rows);
    }
}
