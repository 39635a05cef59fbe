//! How the types that read themselves look in OpenAPI documents.

use std::borrow::Cow;

use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ArrayBuilder, ObjectBuilder, RefOr, Type,
        schema::{AdditionalProperties, Schema, SchemaType},
    },
};

use crate::{
    Blocks, Colour, Datum, DayHours, Font, Link, MerchantCode, Modules, OpenSpan, PageBlock, Position, SettingValue,
    StorePhone,
};

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::new(Type::String))
}

fn degrees(bound: i32) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::Integer))
        .minimum(Some(bound.saturating_neg()))
        .maximum(Some(bound))
        .description(Some("Micro-degrees."))
}

fn position() -> ObjectBuilder {
    ObjectBuilder::new()
        .property("latitude_udeg", degrees(90_000_000))
        .required("latitude_udeg")
        .property("longitude_udeg", degrees(180_000_000))
        .required("longitude_udeg")
        .property("datum", Datum::schema())
        .required("datum")
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
        .examples([json!({ "latitude_udeg": 23_129_110, "longitude_udeg": 113_264_385, "datum": "gcj02" })])
}

fn modules() -> ObjectBuilder {
    ObjectBuilder::new()
        .additional_properties(Some(ObjectBuilder::new().schema_type(SchemaType::new(Type::Boolean))))
        .examples([json!({ "coupons": true, "points": false })])
}

macro_rules! schemas {
    ($($name:ident: $schema:expr;)+) => {
        $(
            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    $schema.into()
                }
            }

            impl ToSchema for $name {
                fn name() -> Cow<'static, str> {
                    Cow::Borrowed(stringify!($name))
                }
            }
        )+
    };
}

schemas! {
    Colour: string().pattern(Some("^#[0-9A-Fa-f]{6}$")).examples(["#E1251B"]);
    Link: string().max_length(Some(500)).examples(["https://cdn.example.com/banner.png"])
        .description(Some("An https address, or a path on this server."));
    Font: string().min_length(Some(1)).max_length(Some(100)).examples(["system-ui"]);
    MerchantCode: string().min_length(Some(2)).max_length(Some(32)).pattern(Some("^[a-z0-9][a-z0-9-]*[a-z0-9]$"))
        .examples(["gz-tianhe"]);
    StorePhone: string().max_length(Some(24)).examples(["020-8888 6666"]);
    OpenSpan: ArrayBuilder::new().items(string().pattern(Some("^[0-2][0-9]:[0-5][0-9]$")))
        .min_items(Some(2)).max_items(Some(2)).examples([json!(["09:00", "21:30"])]);
    DayHours: ArrayBuilder::new().items(OpenSpan::schema()).max_items(Some(4))
        .examples([json!([["09:00", "21:30"]])]);
    Position: position();
    Blocks: ArrayBuilder::new().items(PageBlock::schema()).unique_items(true)
        .examples([json!(["banner", "coupons", "stores"])]);
    Modules: modules();
    SettingValue: ObjectBuilder::new().schema_type(SchemaType::AnyValue).examples([json!("陪你长大")])
        .description(Some("What fits the setting; see the table of settings."));
}
