//! The tables, kept by hand. A test compares them with what the migrations make on both databases.
#![expect(missing_docs, reason = "a column's name is its documentation; what a table is for is said in the migration")]

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    node (id) {
        id -> Id,
        kind -> Text,
        parent_id -> Nullable<Id>,
        code -> Text,
        name -> Text,
        zone -> Text,
        area -> Nullable<Text>,
        state -> Text,
        version -> BigInt,
        created_at -> Micros,
        updated_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    node_closure (ancestor_id, node_id) {
        ancestor_id -> Id,
        node_id -> Id,
        depth -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    store_page (site_id) {
        site_id -> Id,
        page -> Json,
        version -> BigInt,
        updated_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    node_setting (site_id, setting_key) {
        site_id -> Id,
        setting_key -> Text,
        value -> Json,
        updated_by -> Nullable<Id>,
        updated_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    node_lock (site_id, setting_key) {
        site_id -> Id,
        setting_key -> Text,
        locked -> Bool,
        updated_by -> Nullable<Id>,
        updated_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    blueprint (id) {
        id -> Id,
        site_id -> Id,
        name -> Text,
        content -> Json,
        state -> Text,
        version -> BigInt,
        created_at -> Micros,
        updated_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    customer (id) {
        id -> Id,
        site_id -> Id,
        phone -> Nullable<Text>,
        phone_tail -> Nullable<Text>,
        name -> Nullable<Text>,
        state -> Text,
        block_reason -> Nullable<Text>,
        active_redemptions -> BigInt,
        version -> BigInt,
        created_at -> Micros,
        updated_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    customer_identity (provider, subject_hash) {
        provider -> Text,
        subject_hash -> Binary,
        customer_id -> Id,
        created_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    site_customer (site_id, customer_id) {
        site_id -> Id,
        customer_id -> Id,
        source -> Text,
        consent -> Nullable<Json>,
        block_reason -> Nullable<Text>,
        blocked_at -> Nullable<Micros>,
        version -> BigInt,
        first_seen_at -> Micros,
        last_seen_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    staff (id) {
        id -> Id,
        site_id -> Id,
        login -> Text,
        name -> Text,
        password_hash -> Text,
        must_change_password -> Bool,
        customer_id -> Nullable<Id>,
        state -> Text,
        version -> BigInt,
        created_at -> Micros,
        updated_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    staff_role (staff_id, site_id, role) {
        staff_id -> Id,
        site_id -> Id,
        role -> Text,
        granted_by -> Nullable<Id>,
        granted_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    session (token_hash) {
        token_hash -> Binary,
        principal_kind -> Text,
        principal_id -> Id,
        created_at -> Micros,
        expires_at -> Micros,
        revoked_at -> Nullable<Micros>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    api_key (id) {
        id -> Id,
        site_id -> Id,
        name -> Text,
        token_hash -> Binary,
        token_tail -> Text,
        scopes -> Json,
        created_by -> Id,
        created_at -> Micros,
        expires_at -> Nullable<Micros>,
        revoked_at -> Nullable<Micros>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    customer_note (id) {
        id -> Id,
        site_id -> Id,
        customer_id -> Id,
        body -> Nullable<Text>,
        staff_id -> Id,
        created_at -> Micros,
        deleted_at -> Nullable<Micros>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    customer_tag (site_id, customer_id, tag) {
        site_id -> Id,
        customer_id -> Id,
        tag -> Text,
        staff_id -> Id,
        created_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    coupon_template (id) {
        id -> Id,
        site_id -> Id,
        name -> Text,
        kind -> Text,
        state -> Text,
        live_version -> Nullable<BigInt>,
        newest_version -> BigInt,
        killed_at -> Nullable<Micros>,
        kill_reason -> Nullable<Text>,
        version -> BigInt,
        created_by -> Id,
        created_at -> Micros,
        updated_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    coupon_template_version (template_id, number) {
        template_id -> Id,
        number -> BigInt,
        site_id -> Id,
        rules_version -> BigInt,
        rules -> Json,
        look -> Json,
        review_state -> Text,
        unreviewed -> Bool,
        makers -> Json,
        created_by -> Id,
        created_at -> Micros,
        submitted_by -> Nullable<Id>,
        submitted_at -> Nullable<Micros>,
        reviewed_by -> Nullable<Id>,
        reviewed_at -> Nullable<Micros>,
        reject_reason -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    coupon_stock (template_id) {
        template_id -> Id,
        site_id -> Id,
        accepting -> Bool,
        quantity -> BigInt,
        issued -> BigInt,
        claimed -> BigInt,
        budget_fen -> Nullable<BigInt>,
        committed_fen -> BigInt,
        spent_fen -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    coupon_quota (template_id, site_id) {
        template_id -> Id,
        site_id -> Id,
        template_site_id -> Id,
        quota -> BigInt,
        issued -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    coupon_channel (id) {
        id -> Id,
        site_id -> Id,
        template_site_id -> Id,
        template_id -> Id,
        kind -> Text,
        name -> Text,
        link_token -> Text,
        code_lookup -> Nullable<Binary>,
        code_sealed -> Nullable<Binary>,
        state -> Text,
        created_by -> Id,
        created_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    code_batch (id) {
        id -> Id,
        site_id -> Id,
        template_site_id -> Id,
        template_id -> Id,
        template_version -> BigInt,
        channel_id -> Id,
        kind -> Text,
        pattern -> Nullable<Text>,
        quantity -> BigInt,
        made -> BigInt,
        state -> Text,
        report -> Nullable<Json>,
        created_by -> Id,
        created_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    coupon (id) {
        id -> Id,
        site_id -> Id,
        template_site_id -> Id,
        template_id -> Id,
        template_version -> BigInt,
        state -> Text,
        customer_id -> Nullable<Id>,
        channel_id -> Nullable<Id>,
        batch_id -> Nullable<Id>,
        code_kind -> Text,
        code_lookup -> Binary,
        code_sealed -> Binary,
        usable_from -> Nullable<Micros>,
        expires_at -> Nullable<Micros>,
        committed_fen -> BigInt,
        issued_at -> Micros,
        claimed_at -> Nullable<Micros>,
        claim_day -> Nullable<Text>,
        claim_hour -> Nullable<BigInt>,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    redemption (id) {
        id -> Id,
        coupon_id -> Id,
        use_number -> BigInt,
        site_id -> Id,
        template_site_id -> Id,
        template_id -> Id,
        template_version -> BigInt,
        customer_id -> Nullable<Id>,
        channel_id -> Nullable<Id>,
        actor_kind -> Text,
        actor_id -> Id,
        order_amount_fen -> Nullable<BigInt>,
        discount_fen -> BigInt,
        cost_fen -> BigInt,
        redeemed_at -> Micros,
        local_day -> Text,
        local_hour -> BigInt,
        reversed_at -> Nullable<Micros>,
        reversed_by -> Nullable<Id>,
        reversal_approved_by -> Nullable<Id>,
        reversal_reason -> Nullable<Text>,
        reversal_day -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    unredeem_request (id) {
        id -> Id,
        redemption_id -> Id,
        site_id -> Id,
        reason -> Text,
        state -> Text,
        requested_by -> Id,
        requested_at -> Micros,
        decided_by -> Nullable<Id>,
        decided_at -> Nullable<Micros>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    limit_counter (owner_id, metric, subject_kind, subject_id, period, period_start) {
        owner_id -> Id,
        metric -> Text,
        subject_kind -> Text,
        subject_id -> Id,
        period -> Text,
        period_start -> Text,
        used -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    store_day (site_id, local_day) {
        site_id -> Id,
        local_day -> Text,
        redemptions -> BigInt,
        reversals -> BigInt,
        order_amount_fen -> BigInt,
        discount_fen -> BigInt,
        signed_by -> Nullable<Id>,
        signed_at -> Nullable<Micros>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    event (id) {
        id -> Id,
        site_id -> Id,
        aggregate_kind -> Text,
        aggregate_id -> Id,
        seq -> BigInt,
        shard -> BigInt,
        kind -> Text,
        actor_kind -> Text,
        actor_id -> Nullable<Id>,
        payload -> Nullable<Json>,
        occurred_at -> Micros,
        local_day -> Text,
        local_hour -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    audit (id) {
        id -> Id,
        site_id -> Id,
        actor_kind -> Text,
        actor_id -> Nullable<Id>,
        action -> Text,
        subject_kind -> Text,
        subject_id -> Text,
        payload -> Nullable<Json>,
        payload_digest -> Binary,
        request_id -> Text,
        occurred_at -> Micros,
        redacted_at -> Nullable<Micros>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    audit_seal (seq) {
        seq -> BigInt,
        audit_id -> Id,
        prev_hash -> Binary,
        hash -> Binary,
        sealed_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    audit_unsealed (audit_id) {
        audit_id -> Id,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    idempotency (principal, idempotency_key) {
        principal -> Text,
        idempotency_key -> Text,
        request_hash -> Binary,
        outcome -> Nullable<Json>,
        created_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    job (id) {
        id -> Id,
        site_id -> Id,
        kind -> Text,
        payload -> Json,
        state -> Text,
        due_at -> Micros,
        attempts -> BigInt,
        lease_until -> Nullable<Micros>,
        last_error -> Nullable<Text>,
        created_at -> Micros,
        finished_at -> Nullable<Micros>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    secret_key (purpose, number) {
        purpose -> Text,
        number -> BigInt,
        wrapped -> Binary,
        created_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    guess_counter (subject_kind, subject, window_start) {
        subject_kind -> Text,
        subject -> Text,
        window_start -> Micros,
        wrong -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    outbox (consumer, event_id) {
        consumer -> Text,
        event_id -> Id,
        aggregate_id -> Id,
        seq -> BigInt,
        shard -> BigInt,
        created_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    webhook_endpoint (id) {
        id -> Id,
        site_id -> Id,
        name -> Text,
        url -> Text,
        event_types -> Json,
        state -> Text,
        disabled_reason -> Nullable<Text>,
        version -> BigInt,
        created_by -> Id,
        created_at -> Micros,
        updated_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    webhook_secret (endpoint_id, number) {
        endpoint_id -> Id,
        number -> BigInt,
        sealed -> Binary,
        created_at -> Micros,
        expires_at -> Nullable<Micros>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    webhook_replay (id) {
        id -> Id,
        endpoint_id -> Id,
        site_id -> Id,
        from_at -> Micros,
        until_at -> Micros,
        event_types -> Json,
        state -> Text,
        shard -> BigInt,
        last_at -> Nullable<Micros>,
        last_event_id -> Nullable<Id>,
        made -> BigInt,
        created_by -> Id,
        created_at -> Micros,
        finished_at -> Nullable<Micros>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    webhook_delivery (id) {
        id -> Id,
        endpoint_id -> Id,
        site_id -> Id,
        event_id -> Nullable<Id>,
        origin -> Text,
        replay_of -> Nullable<Id>,
        replay_id -> Nullable<Id>,
        aggregate_id -> Id,
        seq -> BigInt,
        kind -> Text,
        state -> Text,
        attempts -> BigInt,
        due_at -> Micros,
        lease_until -> Nullable<Micros>,
        created_at -> Micros,
        delivered_at -> Nullable<Micros>,
        last_status -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    webhook_attempt (delivery_id, number) {
        delivery_id -> Id,
        number -> BigInt,
        started_at -> Micros,
        took_ms -> BigInt,
        status -> Nullable<BigInt>,
        error -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    spending_alarm (id) {
        id -> Id,
        site_id -> Id,
        template_id -> Id,
        hour_start -> Micros,
        cause -> Text,
        last_hour_fen -> BigInt,
        usual_hour_fen -> Nullable<BigInt>,
        spent_fen -> BigInt,
        budget_fen -> Nullable<BigInt>,
        runs_out_at -> Nullable<Micros>,
        paused -> Bool,
        raised_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    offer (id) {
        id -> Id,
        site_id -> Id,
        name -> Text,
        class -> Text,
        kind -> Text,
        state -> Text,
        live_version -> Nullable<BigInt>,
        newest_version -> BigInt,
        version -> BigInt,
        created_by -> Id,
        created_at -> Micros,
        updated_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    offer_version (offer_id, number) {
        offer_id -> Id,
        number -> BigInt,
        site_id -> Id,
        rules_version -> BigInt,
        rules -> Json,
        review_state -> Text,
        unreviewed -> Bool,
        makers -> Json,
        created_by -> Id,
        created_at -> Micros,
        submitted_by -> Nullable<Id>,
        submitted_at -> Nullable<Micros>,
        reviewed_by -> Nullable<Id>,
        reviewed_at -> Nullable<Micros>,
        reject_reason -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    offer_stock (offer_id) {
        offer_id -> Id,
        site_id -> Id,
        accepting -> Bool,
        budget_fen -> Nullable<BigInt>,
        spent_fen -> BigInt,
        uses_max -> Nullable<BigInt>,
        uses -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    offer_revision (site_id) {
        site_id -> Id,
        revision -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    category (id) {
        id -> Id,
        site_id -> Id,
        parent_id -> Nullable<Id>,
        code -> Text,
        name -> Text,
        depth -> BigInt,
        position -> BigInt,
        state -> Text,
        version -> BigInt,
        created_at -> Micros,
        updated_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    product (id) {
        id -> Id,
        site_id -> Id,
        category_id -> Id,
        code -> Text,
        name -> Text,
        brand -> Nullable<Text>,
        tags -> Json,
        images -> Json,
        description -> Nullable<Text>,
        state -> Text,
        version -> BigInt,
        created_by -> Id,
        created_at -> Micros,
        updated_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    sku (id) {
        id -> Id,
        site_id -> Id,
        product_id -> Id,
        code -> Text,
        name -> Text,
        barcode -> Nullable<Text>,
        list_price_fen -> BigInt,
        sale_price_fen -> Nullable<BigInt>,
        minimum_price_fen -> Nullable<BigInt>,
        cost_price_fen -> Nullable<BigInt>,
        weight_grams -> BigInt,
        low_stock_policy -> Nullable<Text>,
        state -> Text,
        version -> BigInt,
        created_at -> Micros,
        updated_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    sku_stock (sku_id, site_id) {
        sku_id -> Id,
        site_id -> Id,
        id -> Id,
        on_hand -> BigInt,
        reserved -> BigInt,
        safety -> Nullable<BigInt>,
        version -> BigInt,
        updated_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    production_batch (id) {
        id -> Id,
        sku_id -> Id,
        site_id -> Id,
        quantity -> BigInt,
        supplier -> Text,
        batch_number -> Text,
        produced_on -> Text,
        inspection -> Nullable<Text>,
        inspection_url -> Nullable<Text>,
        created_by -> Id,
        created_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    stock_movement (id) {
        id -> Id,
        sku_id -> Id,
        site_id -> Id,
        seq -> BigInt,
        kind -> Text,
        quantity -> BigInt,
        on_hand_after -> BigInt,
        reason -> Nullable<Text>,
        source_kind -> Nullable<Text>,
        source_id -> Nullable<Id>,
        actor_kind -> Text,
        actor_id -> Nullable<Id>,
        occurred_at -> Micros,
        local_day -> Text,
        local_hour -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    stock_reservation (id) {
        id -> Id,
        sku_id -> Id,
        site_id -> Id,
        quantity -> BigInt,
        holder_kind -> Text,
        holder_id -> Id,
        state -> Text,
        expires_at -> Micros,
        created_at -> Micros,
        ended_at -> Nullable<Micros>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    stock_transfer (id) {
        id -> Id,
        site_id -> Id,
        from_site_id -> Id,
        state -> Text,
        note -> Nullable<Text>,
        reason -> Nullable<Text>,
        version -> BigInt,
        requested_by -> Id,
        requested_at -> Micros,
        sent_by -> Nullable<Id>,
        sent_at -> Nullable<Micros>,
        ended_by -> Nullable<Id>,
        ended_at -> Nullable<Micros>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    stock_transfer_line (transfer_id, sku_id) {
        transfer_id -> Id,
        sku_id -> Id,
        requested -> BigInt,
        sent -> Nullable<BigInt>,
        received -> Nullable<BigInt>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    quoted_cart (id) {
        id -> Id,
        site_id -> Id,
        customer_id -> Nullable<Id>,
        quoted_at -> Micros,
        local_day -> Text,
        told -> Json,
        cart -> Json,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    ledger_account (id) {
        id -> Id,
        site_id -> Id,
        kind -> Text,
        owner_kind -> Text,
        owner_id -> Id,
        unit -> Text,
        opened_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    ledger_balance (account_id, stripe) {
        account_id -> Id,
        stripe -> BigInt,
        bound -> Text,
        posted -> BigInt,
        held -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    ledger_transaction (id) {
        id -> Id,
        site_id -> Id,
        reverses_id -> Nullable<Id>,
        source_kind -> Text,
        source_id -> Id,
        actor_kind -> Text,
        actor_id -> Nullable<Id>,
        posted_at -> Micros,
        local_day -> Text,
        local_hour -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    ledger_entry (transaction_id, leg, account_id) {
        transaction_id -> Id,
        leg -> BigInt,
        account_id -> Id,
        unit -> Text,
        amount -> BigInt,
        reason -> Text,
        posted_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    ledger_hold (id) {
        id -> Id,
        site_id -> Id,
        account_id -> Id,
        amount -> BigInt,
        state -> Text,
        captured -> BigInt,
        transaction_id -> Nullable<Id>,
        leg -> Nullable<BigInt>,
        source_kind -> Text,
        source_id -> Id,
        expires_at -> Micros,
        created_at -> Micros,
        ended_at -> Nullable<Micros>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    ledger_reversed (transaction_id, leg) {
        transaction_id -> Id,
        leg -> BigInt,
        amount -> BigInt,
        reversed -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    ledger_adjustment (id) {
        id -> Id,
        site_id -> Id,
        account_id -> Id,
        direction -> Text,
        amount -> BigInt,
        reason -> Text,
        state -> Text,
        unreviewed -> Bool,
        requested_by -> Id,
        requested_at -> Micros,
        decided_by -> Nullable<Id>,
        decided_at -> Nullable<Micros>,
        transaction_id -> Nullable<Id>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    customer_order (id) {
        id -> Id,
        site_id -> Id,
        customer_id -> Id,
        state -> Text,
        resumes -> Nullable<Text>,
        version -> BigInt,
        quote_hash -> Binary,
        policy -> Text,
        tier -> Nullable<Text>,
        channel -> Nullable<Text>,
        delivery_area -> Nullable<Text>,
        list_fen -> BigInt,
        subtotal_fen -> BigInt,
        discount_fen -> BigInt,
        payable_fen -> BigInt,
        stored_value_fen -> BigInt,
        paid_fen -> BigInt,
        placed_at -> Micros,
        expires_at -> Micros,
        paid_at -> Nullable<Micros>,
        closed_at -> Nullable<Micros>,
        close_reason -> Nullable<Text>,
        local_day -> Text,
        local_hour -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    order_line (order_id, number) {
        order_id -> Id,
        number -> BigInt,
        kind -> Text,
        sku_id -> Id,
        code -> Text,
        name -> Text,
        quantity -> BigInt,
        list_price_fen -> BigInt,
        unit_price_fen -> BigInt,
        price_source -> Text,
        subtotal_fen -> BigInt,
        discount_fen -> BigInt,
        payable_fen -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    order_discount (order_id, number) {
        order_id -> Id,
        number -> BigInt,
        offer_id -> Id,
        coupon_id -> Nullable<Id>,
        template_id -> Nullable<Id>,
        template_version -> Nullable<BigInt>,
        discount_fen -> BigInt,
        cost_fen -> BigInt,
        state -> Text,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    order_allocation (order_id, line, discount) {
        order_id -> Id,
        line -> BigInt,
        discount -> BigInt,
        amount_fen -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    order_tender (order_id, kind) {
        order_id -> Id,
        kind -> Text,
        account_site_id -> Id,
        amount_fen -> BigInt,
        state -> Text,
        hold_id -> Id,
        transaction_id -> Nullable<Id>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    payment (id) {
        id -> Id,
        site_id -> Id,
        order_id -> Id,
        provider -> Text,
        due_fen -> BigInt,
        state -> Text,
        received_fen -> BigInt,
        kept_fen -> BigInt,
        provider_ref -> Nullable<Text>,
        created_at -> Micros,
        ended_at -> Nullable<Micros>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    payment_notice (provider, notice_id) {
        provider -> Text,
        notice_id -> Text,
        payment_id -> Id,
        paid_fen -> Nullable<BigInt>,
        decision -> Text,
        received_at -> Micros,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use crate::sql_types::{Id, Json, Micros};

    payment_return (id) {
        id -> Id,
        payment_id -> Id,
        amount_fen -> BigInt,
        state -> Text,
        asked_at -> Micros,
        done_at -> Nullable<Micros>,
    }
}

allow_tables_to_appear_in_same_query!(
    node,
    node_closure,
    store_page,
    node_setting,
    node_lock,
    blueprint,
    customer,
    customer_identity,
    site_customer,
    staff,
    staff_role,
    session,
    api_key,
    customer_note,
    customer_tag,
    coupon_template,
    coupon_template_version,
    coupon_stock,
    coupon_quota,
    coupon_channel,
    code_batch,
    coupon,
    redemption,
    spending_alarm,
    unredeem_request,
    limit_counter,
    store_day,
    event,
    audit,
    audit_seal,
    audit_unsealed,
    idempotency,
    job,
    secret_key,
    guess_counter,
    outbox,
    webhook_endpoint,
    webhook_secret,
    webhook_replay,
    webhook_delivery,
    webhook_attempt,
    offer,
    offer_version,
    offer_stock,
    offer_revision,
    category,
    product,
    sku,
    sku_stock,
    production_batch,
    stock_movement,
    stock_reservation,
    stock_transfer,
    stock_transfer_line,
    quoted_cart,
    ledger_account,
    ledger_balance,
    ledger_transaction,
    ledger_entry,
    ledger_hold,
    ledger_reversed,
    ledger_adjustment,
    customer_order,
    order_line,
    order_discount,
    order_allocation,
    order_tender,
    payment,
    payment_notice,
    payment_return,
);

joinable!(blueprint -> node (site_id));
joinable!(store_page -> node (site_id));
joinable!(node_setting -> node (site_id));
joinable!(node_lock -> node (site_id));
joinable!(customer_identity -> customer (customer_id));
joinable!(site_customer -> customer (customer_id));
joinable!(staff_role -> staff (staff_id));
joinable!(coupon_template_version -> coupon_template (template_id));
joinable!(coupon_stock -> coupon_template (template_id));
joinable!(coupon_quota -> coupon_template (template_id));
joinable!(coupon_channel -> coupon_template (template_id));
joinable!(code_batch -> coupon_template (template_id));
joinable!(offer_version -> offer (offer_id));
joinable!(offer_stock -> offer (offer_id));
joinable!(product -> category (category_id));
joinable!(sku -> product (product_id));
joinable!(sku_stock -> sku (sku_id));
joinable!(production_batch -> sku (sku_id));
joinable!(stock_movement -> sku (sku_id));
joinable!(stock_transfer_line -> stock_transfer (transfer_id));
joinable!(stock_transfer_line -> sku (sku_id));
joinable!(coupon -> coupon_template (template_id));
joinable!(coupon -> coupon_channel (channel_id));
joinable!(redemption -> coupon (coupon_id));
joinable!(order_line -> customer_order (order_id));
joinable!(order_discount -> customer_order (order_id));
joinable!(order_tender -> customer_order (order_id));
joinable!(payment_return -> payment (payment_id));
joinable!(unredeem_request -> redemption (redemption_id));
joinable!(audit_seal -> audit (audit_id));
joinable!(audit_unsealed -> audit (audit_id));
joinable!(outbox -> event (event_id));
joinable!(webhook_secret -> webhook_endpoint (endpoint_id));
joinable!(webhook_delivery -> webhook_endpoint (endpoint_id));
joinable!(webhook_delivery -> event (event_id));
joinable!(webhook_attempt -> webhook_delivery (delivery_id));
joinable!(ledger_balance -> ledger_account (account_id));
