-- Alarms on the rate of spending: one of a template and an hour, whoever looks.
CREATE TABLE spending_alarm (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    template_id BLOB NOT NULL,
    hour_start INTEGER NOT NULL,
    cause TEXT NOT NULL CHECK (cause IN ('fast', 'runs_out')),
    last_hour_fen INTEGER NOT NULL CHECK (last_hour_fen >= 0),
    usual_hour_fen INTEGER CHECK (usual_hour_fen >= 0),
    spent_fen INTEGER NOT NULL CHECK (spent_fen >= 0),
    budget_fen INTEGER,
    runs_out_at INTEGER,
    paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
    raised_at INTEGER NOT NULL,
    UNIQUE (template_id, hour_start),
    FOREIGN KEY (site_id, template_id) REFERENCES coupon_template (site_id, id),
    CHECK ((cause = 'runs_out') = (runs_out_at IS NOT NULL))
) STRICT;
CREATE INDEX spending_alarm_by_site ON spending_alarm (site_id, id);
