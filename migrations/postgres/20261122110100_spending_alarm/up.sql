-- Alarms on the rate of spending: one of a template and an hour, whoever looks.
CREATE TABLE spending_alarm (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES node (id),
    template_id UUID NOT NULL,
    hour_start TIMESTAMPTZ NOT NULL,
    cause TEXT COLLATE "C" NOT NULL CHECK (cause IN ('fast', 'runs_out')),
    last_hour_fen BIGINT NOT NULL CHECK (last_hour_fen >= 0),
    usual_hour_fen BIGINT CHECK (usual_hour_fen >= 0),
    spent_fen BIGINT NOT NULL CHECK (spent_fen >= 0),
    budget_fen BIGINT,
    runs_out_at TIMESTAMPTZ,
    paused BOOLEAN NOT NULL,
    raised_at TIMESTAMPTZ NOT NULL,
    UNIQUE (template_id, hour_start),
    FOREIGN KEY (site_id, template_id) REFERENCES coupon_template (site_id, id),
    CHECK ((cause = 'runs_out') = (runs_out_at IS NOT NULL))
);
CREATE INDEX spending_alarm_by_site ON spending_alarm (site_id, id);
