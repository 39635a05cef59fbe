//! What a handler's arguments say about its operation.

use std::{
    collections::BTreeSet,
    future::{Future, ready},
};

use actix_web::{HttpRequest, web};
use huike_access::ScopeKind;
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{
        ContentBuilder, Ref, RefOr, Required, Response,
        path::{Parameter, ParameterBuilder, ParameterIn},
        request_body::{RequestBody, RequestBodyBuilder},
        schema::{ObjectBuilder, Schema, Type},
        security::SecurityRequirement,
    },
};

use crate::{
    context::Context,
    extract::{CSV, CsvBody, IdempotencyKey, Listing, OptionalKey, Paging, Path, Query, TableBody, Valid, XLSX},
    problem::Problem,
};

/// What is known of an operation, filled in by its arguments and its answer.
#[derive(Default)]
pub struct OperationDoc {
    /// Who may: `x-huike-permission`, and how far it reaches: `x-huike-scope`.
    pub access: Option<(String, ScopeKind)>,
    /// The credentials that open it; none for the public.
    pub security: Vec<SecurityRequirement>,
    /// Query and header parameters; those of the path are read off the path.
    pub parameters: Vec<Parameter>,
    /// The body it takes.
    pub body: Option<RequestBody>,
    /// The answer when all is well: status and response.
    pub answer: Option<(u16, Response)>,
    /// Statuses it may be refused with.
    pub refusals: BTreeSet<u16>,
    /// The schemas it refers to.
    pub schemas: Vec<(String, RefOr<Schema>)>,
}

impl OperationDoc {
    /// A reference to the type's schema, which is then part of the document.
    pub fn refer<T: ToSchema>(&mut self) -> RefOr<Schema> {
        self.schemas.push((T::name().into_owned(), <T as PartialSchema>::schema()));
        T::schemas(&mut self.schemas);
        RefOr::Ref(Ref::from_schema_name(T::name()))
    }

    /// A header the operation reads.
    pub fn header(&mut self, name: &str, required: bool, description: &str) -> &mut Self {
        self.header_of(name, required, description, <String as PartialSchema>::schema())
    }

    /// A header of that schema.
    pub fn header_of(&mut self, name: &str, required: bool, description: &str, schema: RefOr<Schema>) -> &mut Self {
        let required = if required { Required::True } else { Required::False };
        self.parameters.push(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Header)
                .required(required)
                .description(Some(description))
                .schema(Some(schema))
                .build(),
        );
        self
    }

    /// A file of one of these media types.
    pub fn takes_file(&mut self, media_types: &[&str]) -> &mut Self {
        let content = || ContentBuilder::new().schema(Some(<String as PartialSchema>::schema())).build();
        let body = RequestBodyBuilder::new().required(Some(Required::True));
        let body = media_types.iter().fold(body, |body, media_type| body.content(*media_type, content()));
        self.body = Some(body.build());
        self
    }

    /// Parameters of the query. What one of them names may not be there.
    pub fn query(&mut self, parameters: Vec<Parameter>) -> &mut Self {
        let names_something = parameters.iter().any(|parameter| parameter.name.ends_with("_id"));
        self.parameters.extend(parameters);
        self.refuses(if names_something { &[404, 422] } else { &[422] })
    }

    /// Statuses it may be refused with.
    pub fn refuses(&mut self, statuses: &[u16]) -> &mut Self {
        self.refusals.extend(statuses);
        self
    }

    /// A body of that media type and schema.
    pub fn takes(&mut self, media_type: &str, schema: RefOr<Schema>) -> &mut Self {
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let body = RequestBodyBuilder::new().content(media_type, content).required(Some(Required::True));
        self.body = Some(body.build());
        self
    }
}

/// An argument of a handler that can say what it means for the operation.
pub trait Describe {
    /// Adds what it knows.
    fn describe(doc: &mut OperationDoc);

    /// Turns the caller away before anything else of the request is read. Arguments are extracted side by side, so
    /// without this a stranger would be told what is wrong with the body instead of being asked to sign in.
    fn admit(_request: &HttpRequest) -> impl Future<Output = Result<(), Problem>> {
        ready(Ok(()))
    }
}

/// Things the house hands to a handler; the caller knows nothing of them.
macro_rules! unseen {
    ($($t:ty $(where $p:ident)?),+ $(,)?) => {
        $(impl$(<$p: 'static + ?Sized>)? Describe for $t { fn describe(_doc: &mut OperationDoc) {} })+
    };
}
unseen!(web::Data<T> where T, Context, HttpRequest);

impl<T: ToSchema, const LIMIT: usize> Describe for Valid<T, LIMIT> {
    fn describe(doc: &mut OperationDoc) {
        let schema = doc.refer::<T>();
        doc.takes("application/json", schema).refuses(&[400, 408, 413, 415, 422]);
    }
}

impl Describe for IdempotencyKey {
    fn describe(doc: &mut OperationDoc) {
        key_header(
            doc,
            true,
            "1 to 255 visible characters. The same key with the same request gets the first answer again, with another \
             request 422 `idempotency_key_reused`. Kept for seven days; a refusal is not kept.",
        );
    }
}

impl Describe for OptionalKey {
    fn describe(doc: &mut OperationDoc) {
        key_header(
            doc,
            false,
            "May be left out. 1 to 255 visible characters: the same key with the same request makes nothing twice and is \
             answered with what it made, as it is by then; with another request 422 `idempotency_key_reused`. Kept for \
             seven days; a refusal is not kept.",
        );
    }
}

fn key_header(doc: &mut OperationDoc, required: bool, description: &str) {
    let visible = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(255))
        .pattern(Some("^[!-~]+$"));
    doc.header_of("Idempotency-Key", required, description, visible.into());
    doc.refuses(&[400, 409, 422]);
}

impl<T> Describe for Path<T> {
    fn describe(doc: &mut OperationDoc) {
        doc.refuses(&[404]);
    }
}

impl<T: IntoParams> Describe for Query<T> {
    fn describe(doc: &mut OperationDoc) {
        doc.query(T::into_params(|| Some(ParameterIn::Query)));
    }
}

impl<F: IntoParams> Describe for Listing<F> {
    fn describe(doc: &mut OperationDoc) {
        doc.query(F::into_params(|| Some(ParameterIn::Query)));
        doc.query(Paging::into_params(|| Some(ParameterIn::Query)));
    }
}

impl<const LIMIT: usize> Describe for CsvBody<LIMIT> {
    fn describe(doc: &mut OperationDoc) {
        doc.takes("text/csv", <String as PartialSchema>::schema()).refuses(&[400, 408, 413, 415, 422]);
    }
}

impl<const LIMIT: usize> Describe for TableBody<LIMIT> {
    fn describe(doc: &mut OperationDoc) {
        doc.takes_file(&[CSV, XLSX]).refuses(&[400, 408, 413, 415, 422]);
    }
}

macro_rules! describe_tuples {
    ($($name:ident)*) => {
        impl<$($name: Describe),*> Describe for ($($name,)*) {
            fn describe(_doc: &mut OperationDoc) {
                $($name::describe(_doc);)*
            }

            async fn admit(_request: &HttpRequest) -> Result<(), Problem> {
                $($name::admit(_request).await?;)*
                Ok(())
            }
        }
    };
}
describe_tuples!();
describe_tuples!(A);
describe_tuples!(A B);
describe_tuples!(A B C);
describe_tuples!(A B C D);
describe_tuples!(A B C D E);
describe_tuples!(A B C D E F);
describe_tuples!(A B C D E F G);
describe_tuples!(A B C D E F G H);
